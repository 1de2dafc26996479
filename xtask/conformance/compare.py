"""Where two requests, or two outputs, differ: a list of (where, ours, theirs)."""

import base64
import hashlib
import json
import re
import zlib
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest

from reference import CREDENTIALS

# Headers that say who asks and when, not what is asked.
IGNORED = {
    'amz-sdk-invocation-id',  # for AWS's own statistics of its SDKs
    'amz-sdk-request',  # the same
    'authorization',  # compared by what it is made of, and verified
    'content-length',  # made by whoever sends
    'expect',  # asks for leave to send a long body
    'host',  # compared as part of the URL
    'user-agent',
    'x-amz-content-sha256',  # part of the signature, which is verified
    'x-amz-date',
    'x-amz-user-agent',
}
TOKEN = re.compile(r'[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}')
CREDENTIAL = re.compile(r'Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([^,]+), ?Signature=(\w+)')

CHECKSUMS = {
    'x-amz-checksum-crc32': lambda body: encoded(zlib.crc32(body).to_bytes(4, 'big')),
    'x-amz-checksum-sha1': lambda body: encoded(hashlib.sha1(body).digest()),
    'x-amz-checksum-sha256': lambda body: encoded(hashlib.sha256(body).digest()),
    'content-md5': lambda body: encoded(hashlib.md5(body).digest()),
}


def encoded(data):
    return base64.b64encode(data).decode()


def values(ours, theirs, where):
    """Differences of two JSON values."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted({*ours, *theirs}):
            if key not in ours:
                found.append((f'{where}.{key}', 'absent', theirs[key]))
            elif key not in theirs:
                found.append((f'{where}.{key}', ours[key], 'absent'))
            else:
                found += values(ours[key], theirs[key], f'{where}.{key}')
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs)
        return [found for pair in pairs for found in values(*pair, f'{where}[]')]
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return []
    return [(where, ours, theirs)]


def requests(ours, theirs, made_token):
    """Differences of our request to botocore's. A token that the client makes is one like the other."""
    ours = {**ours, 'body': base64.b64decode(ours['body'])}
    found = signature(ours)
    if made_token:
        ours, theirs = ({**one, **masked(one)} for one in (ours, theirs))
    mine, other = urlsplit(ours['url']), urlsplit(theirs['url'])
    found += values(ours['method'], theirs['method'], 'method')
    found += values(f'{mine.scheme}://{mine.netloc}', f'{other.scheme}://{other.netloc}', 'host')
    found += values(mine.path or '/', other.path or '/', 'path')
    found += values(queries(mine.query), queries(other.query), 'query')
    found += values(headers(ours), headers(theirs), 'headers')
    if ours['body'] != theirs['body']:
        found += bodies(ours['body'], theirs['body'], dict(ours['headers']).get('content-type', ''))
    return found


def masked(request):
    url, body = TOKEN.sub('token', request['url']), TOKEN.sub('token', request['body'].decode('latin-1'))
    pairs = [[name, TOKEN.sub('token', value)] for name, value in request['headers']]
    return {'url': url, 'body': body.encode('latin-1'), 'headers': pairs}


def queries(text):
    """Each name with its values, percent-encoded as they are. `?acl` and `?acl=` are the same."""
    found = {}
    for part in filter(None, text.split('&')):
        name, _, value = part.partition('=')
        found.setdefault(name, []).append(value)
    return found


def headers(request):
    found = {name: value for name, value in request['headers'] if name not in IGNORED}
    for name, value in request['headers']:
        if made := CHECKSUMS.get(name):
            # Documents of the same content may have different bytes.
            found[name] = 'of the body' if made(request['body']) == value else value
        if name == 'authorization' and (parts := CREDENTIAL.search(value)):
            found['authorization'] = f'{parts[1]} {parts[2]}'
    return found


def bodies(ours, theirs, content_type):
    """Differences of documents of one type whose bytes differ."""
    for word, parse in PARSERS.items():
        if word in content_type:
            try:
                return values(parse(ours), parse(theirs), 'body')
            except (ValueError, ElementTree.ParseError):
                break
    return [('body', repr(ours[:200]), repr(theirs[:200]))]


def as_form(body):
    """Names and values, decoded."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)
    return dict(pairs)


def as_xml(body):
    def tree(element):
        return [element.tag, dict(sorted(element.attrib.items())), element.text or '', [tree(child) for child in element]]

    return tree(ElementTree.fromstring(body))


PARSERS = {'json': json.loads, 'xml': as_xml, 'urlencoded': as_form}


def signature(request):
    """Whether our signature is the one that botocore finds for the same request."""
    sent = dict(request['headers'])
    if 'authorization' not in sent:
        return []
    parts = CREDENTIAL.search(sent['authorization'])
    if not parts:
        return [('signature', sent['authorization'], 'not of version 4')]
    region, service, names, given = parts.groups()
    names = names.split(';')
    signer = S3SigV4Auth if service in ('s3', 's3-outposts', 's3express') else SigV4Auth
    signer = signer(CREDENTIALS, service, region)
    signed = {name: sent[name] for name in names if name != 'host'}
    again = AWSRequest(method=request['method'], url=request['url'], headers=signed, data=request['body'])
    again.context.update(timestamp=sent['x-amz-date'], payload_signing_enabled=True)
    canonical = signer.canonical_request(again)
    wanted = signer.signature(signer.string_to_sign(again, canonical), again)
    return [] if wanted == given else [('signature', canonical, 'another signature')]
