#!/bin/sh
# Needs the AWS CLI and jq. Runs with the management account's credentials; look at each command before you let it run.
set -eu
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
in_account() { # ACCOUNT COMMAND...: runs a command with the credentials of an account
  account=$1; shift
  if [ "$account" = @MANAGEMENT@ ]; then "$@"; return; fi
  credentials=$(aws sts assume-role --role-arn "arn:@PARTITION@:iam::$account:role/"@ROLE@ --role-session-name dodai-by-hand@EXTERNAL_ID@ --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
  set -- "$credentials" "$@"
  ( keys=$1; shift; IFS='	' read -r id secret token <<KEYS
$keys
KEYS
    AWS_ACCESS_KEY_ID=$id AWS_SECRET_ACCESS_KEY=$secret AWS_SESSION_TOKEN=$token "$@" )
}
already() { # CODES COMMAND...: an error with one of the codes (A|B) says that it was done before
  codes=$1; shift
  "$@" 2>"$errors" && return
  grep -qE "\((${codes})\)" "$errors" && return
  cat "$errors" >&2; return 1
}
not_yet() { # SECONDS CODES COMMAND...: runs a command again while it ends with one of the codes
  not_yet_end=$(($(date +%s) + $1)); not_yet_codes=$2; shift 2
  until "$@" 2>"$errors"; do
    if [ "$(date +%s)" -ge "$not_yet_end" ] || ! grep -qE "\((${not_yet_codes})\)" "$errors"; then cat "$errors" >&2; return 1; fi
    sleep 5
  done
}
until_is() { # SECONDS PATH VALUES FAILS COMMAND...: runs a command again until the value at PATH is one of VALUES (a line each)
  until_end=$(($(date +%s) + $1)); path=$2; values=$3; fails=$4; shift 4
  while :; do
    value=$("$@" --query "$path") || return 1
    if printf '%s\n' "$values" | grep -qxF -e "$value"; then break; fi
    if printf '%s\n' "$fails" | grep -qxF -e "$value" || [ "$(date +%s)" -ge "$until_end" ]; then
      echo "$path is $value" >&2; return 1
    fi
    sleep 5
  done
  "$@"
}
