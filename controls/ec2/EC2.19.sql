-- id: EC2.19
-- title: Security groups open no high-risk port to the world
-- severity: CRITICAL
-- of: aws_ec2_security_group
-- repair: narrow the rule to the addresses that need it
--
-- High-risk are the ports of FTP, SSH, Telnet, SMTP, POP3, RPC, IMAP, CIFS, RDP, of databases, of dashboards and
-- of development servers. A rule for a range that has one of them in it counts, over TCP or UDP, and so does one
-- for every protocol. Groups that another account shares with this one are not asked.
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
            and (
              (20 between p['FromPort'] and p['ToPort'])
              or (21 between p['FromPort'] and p['ToPort'])
              or (22 between p['FromPort'] and p['ToPort'])
              or (23 between p['FromPort'] and p['ToPort'])
              or (25 between p['FromPort'] and p['ToPort'])
              or (110 between p['FromPort'] and p['ToPort'])
              or (135 between p['FromPort'] and p['ToPort'])
              or (143 between p['FromPort'] and p['ToPort'])
              or (445 between p['FromPort'] and p['ToPort'])
              or (1433 between p['FromPort'] and p['ToPort'])
              or (1434 between p['FromPort'] and p['ToPort'])
              or (3000 between p['FromPort'] and p['ToPort'])
              or (3306 between p['FromPort'] and p['ToPort'])
              or (3389 between p['FromPort'] and p['ToPort'])
              or (4333 between p['FromPort'] and p['ToPort'])
              or (5000 between p['FromPort'] and p['ToPort'])
              or (5432 between p['FromPort'] and p['ToPort'])
              or (5500 between p['FromPort'] and p['ToPort'])
              or (5601 between p['FromPort'] and p['ToPort'])
              or (8080 between p['FromPort'] and p['ToPort'])
              or (8088 between p['FromPort'] and p['ToPort'])
              or (8888 between p['FromPort'] and p['ToPort'])
              or (9200 between p['FromPort'] and p['ToPort'])
              or (9300 between p['FromPort'] and p['ToPort'])
            )
          )
        )
        and (
          coalesce(any_match(p['IpRanges'], r -> cidr_is_any(r['CidrIp'])), false)
          or coalesce(any_match(p['Ipv6Ranges'], r -> cidr_is_any(r['CidrIpv6'])), false)
        )
    ),
    false
  ) as passed,
  'a rule lets the whole world in on a high-risk port' as reason
from aws_ec2_security_group
