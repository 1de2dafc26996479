-- id: Account.1
-- title: The account has a security contact
-- severity: MEDIUM
-- of: aws_account
-- also: aws_account_security_contact@account
-- global: true
-- repair: set the alternate contact of type SECURITY
-- feature: alternate-contacts
--
-- AWS writes to the security contact about abuse and about incidents; without one, to the root user's address.
select
  a._id,
  (select count(*) from aws_account_security_contact c where c.account_id = a.account_id) > 0 as passed,
  'the account has no security contact' as reason
from aws_account a
