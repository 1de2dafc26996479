-- id: EC2.18
-- title: Security groups open to the world only ports 80 and 443
-- severity: HIGH
-- of: aws_ec2_security_group
-- repair: narrow the rule to the addresses that need it, or to TCP 80 or 443
--
-- A rule that allows 0.0.0.0/0 or ::/0 may be for TCP port 80 or 443 alone: no range, no UDP, not every protocol.
-- Protocols without ports (ICMP) are not asked, nor groups that another account shares with this one.
select
  _id,
  coalesce((OwnerId = account_id), true) as applicable,
  not coalesce(
    any_match(
      IpPermissions,
      p -> (
          (p['IpProtocol'] = '-1')
          or ((p['IpProtocol'] in ('udp', '17')))
          or (
            (p['IpProtocol'] in ('tcp', '6'))
            and not coalesce((p['FromPort'] = p['ToPort']) and (p['FromPort'] in (80, 443)), false)
          )
        )
        and (
          coalesce(any_match(p['IpRanges'], r -> cidr_is_any(r['CidrIp'])), false)
          or coalesce(any_match(p['Ipv6Ranges'], r -> cidr_is_any(r['CidrIpv6'])), false)
        )
    ),
    false
  ) as passed,
  'a rule lets the whole world in on other ports than TCP 80 and 443' as reason
from aws_ec2_security_group
