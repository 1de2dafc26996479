-- id: Queue.1
-- title: Queues are encrypted
-- severity: MEDIUM
-- of: my_queue
-- repair: give the queue a key
--
-- A queue without a key keeps its messages in the clear.
select
  _id,
  urll,
  attributes['KmsMasterKeyId'] is not null as passed,
  'it has no key' as reason
from my_queue
