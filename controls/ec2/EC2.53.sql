-- id: EC2.53
-- title: Security groups open SSH and RDP to no IPv4 world
-- severity: HIGH
-- of: aws_ec2_security_group
-- repair: narrow the rule for ports 22 and 3389 to the addresses that need it
--
-- Remote administration: TCP or UDP ports 22 and 3389, alone, within a range, or within every protocol. Groups
-- that another account shares with this one are not asked.
select
  _id,
  coalesce((OwnerId = account_id), true) as applicable,
  not coalesce(
    any_match(
      IpPermissions,
      p -> (
          (p['IpProtocol'] = '-1')
          or (
            (p['IpProtocol'] in ('tcp', '6', 'udp', '17'))
            and ((22 between p['FromPort'] and p['ToPort']) or (3389 between p['FromPort'] and p['ToPort']))
          )
        )
        and coalesce(any_match(p['IpRanges'], r -> cidr_is_any(r['CidrIp'])), false)
    ),
    false
  ) as passed,
  'a rule lets the whole IPv4 world in on port 22 or 3389' as reason
from aws_ec2_security_group
