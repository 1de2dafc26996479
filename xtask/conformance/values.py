"""Values by a botocore shape, in JSON as the project has it: timestamps as ISO 8601 text, blobs as base64 text."""

import base64
import json

TEXTS = [
    'plain',
    'two words',
    'a/b+c=d&e%20f',
    '<tag attr="x">it\'s & so</tag>',
    '日本語 ü 🦀',
    '  spaces around  ',
    'line\nnext\ttab',
    'true',
    '12',
    '{"json": [1, null]}',
    '\\back "quoted" ~',
]
HEADER_TEXTS = ['plain', 'two words', 'a/b+c=d&e%20f', 'semi;colon', 'q=0.5', 'W/etag']
# Whole seconds: botocore leaves out the rest where a service takes a number.
TIMES = ['2026-01-02T03:04:05Z', '1999-12-31T23:59:59Z', '2040-02-29T00:00:00Z', '1970-01-01T00:00:00Z']
FRACTIONS = [*TIMES, '2026-01-02T03:04:05.250Z', '2019-07-08T09:10:11.001Z']
DOCUMENT = {'a': [1, 'b', True], 'c': {'d': 0.5, 'é': '<&>'}}
# What the rules of endpoints take apart must have the right form.
CONTEXT = {
    'Bucket': 'example-bucket',
    'Key': 'folder/a b+c%é',
    'Prefix': 'folder/a b',
    'CopySource': 'example-bucket/folder/key',
    'AccountId': '123456789012',
    'AccessPointName': 'example-point',
    'OutpostId': 'op-01ac5d28a6a232904',
    'ResourceArn': 'arn:aws:s3:ap-northeast-1:123456789012:access-grants/default',
    'ResourceARN': 'arn:aws:kinesis:ap-northeast-1:123456789012:stream/example',
    'StreamARN': 'arn:aws:kinesis:ap-northeast-1:123456789012:stream/example',
    'ConsumerARN': 'arn:aws:kinesis:ap-northeast-1:123456789012:stream/example/consumer/c:1',
    'QueueARN': 'arn:aws:kinesis:ap-northeast-1:123456789012:queue/example',
    'ChannelARN': 'arn:aws:kinesis:ap-northeast-1:123456789012:channel/example',
    # Signed by version 4A, which the project does not speak.
    'EndpointId': None,
}
REGION = 'eu-west-1'
# As replies give them, and requests of Route 53 do not take them.
IDS = {'ResourceId': '/hostedzone/Z0123', 'DelegationSetId': '/delegationset/N0123', 'ChangeId': '/change/C0123'}
CHECKSUMS = ('content-md5', 'x-amz-checksum-')
# Those that botocore can make by itself.
ALGORITHMS = ['CRC32', 'SHA1', 'SHA256']
# A document's nodes at most: past this, only what is required.
BUDGET = 600


class Values:
    """Makes values of shapes. `full` of 1 gives every member, of 0 only required ones, between them some."""

    def __init__(self, random, full, reply=False):
        self.random = random
        self.full = full
        self.reply = reply
        self.nodes = 0
        self.open = []

    def of(self, shape):
        self.nodes += 1
        return getattr(self, shape.type_name)(shape)

    def structure(self, shape):
        if getattr(shape, 'is_document_type', False):
            return DOCUMENT
        names = list(shape.members)
        self.random.shuffle(names)
        if shape.is_tagged_union:
            names = names[:1]
        elif self.reply and not self.open and 'payload' in shape.serialization:
            pass
        else:
            names = [name for name in names if self.wanted(shape, name)]
        self.open.append(shape.name)
        result = {}
        for name in names:
            value = REGION if name == 'SourceRegion' else self.member(shape.members[name])
            if value is not None:
                result[name] = value
        self.open.pop()
        return result

    def wanted(self, shape, name):
        if name in shape.required_members and not (self.reply and self.full < 1):
            return True
        # Made-up checksums are none; both sides make real ones.
        if not self.reply and str(shape.members[name].serialization.get('name')).lower().startswith(CHECKSUMS):
            return False
        # botocore's own; it makes a presigned URL of it and does not send it.
        if name == 'SourceRegion' and not self.reply:
            return False
        if self.nodes > BUDGET or self.recursive(shape.members[name]):
            return False
        return self.random.random() < self.full

    def recursive(self, shape):
        """Whether a value of the shape would hold one of a structure that is being made."""
        while shape.type_name in ('list', 'map'):
            shape = shape.member if shape.type_name == 'list' else shape.value
        return shape.type_name == 'structure' and shape.name in self.open

    def member(self, shape):
        name = shape.metadata.get('contextParam', {}).get('name')
        if not self.reply and name:
            if name in CONTEXT:
                return CONTEXT[name]
        return self.of(shape)

    def list(self, shape):
        if shape.serialization.get('location') == 'header':
            return [self.random.choice(shape.member.enum or ['a', 'b c']) for _ in range(2)]
        least = shape.metadata.get('min', 0)
        if self.recursive(shape) and least == 0:
            return []
        if self.reply and self.full < 1 and self.random.random() < 0.3:
            return []
        count = 2 if len(self.open) <= 2 and self.nodes < BUDGET else 1
        count = min(max(count, least), shape.metadata.get('max', count) or count)
        return [self.of(shape.member) for _ in range(count)]

    def map(self, shape):
        least = shape.metadata.get('min', 0)
        if self.recursive(shape) and least == 0:
            return {}
        keys = shape.key.enum
        count = min(max(2, least), shape.metadata.get('max', 2) or 2)
        if keys:
            keys = keys[:count]
        elif shape.serialization.get('location') == 'headers':
            keys = ['first', 'second-key'][:count]
        else:
            keys = [self.sized(f'key {number} <&é>', shape.key) for number in range(count)]
        if shape.serialization.get('location') == 'headers':
            return {key: self.random.choice(HEADER_TEXTS) for key in keys}
        return {key: self.of(shape.value) for key in dict.fromkeys(keys)}

    def string(self, shape):
        location = shape.serialization.get('location')
        if shape.serialization.get('jsonvalue'):
            document = {'a': [1, 'b'], 'c': 'é'}
            return document if location == 'header' else json.dumps(document)
        if shape.name == 'ChecksumAlgorithm' and not self.reply:
            return self.random.choice(ALGORITHMS)
        if shape.enum:
            return self.random.choice(shape.enum)
        if shape.serialization.get('hostLabel'):
            return 'label-1'
        if shape.name == 'policyDocumentType' and self.reply:
            return '{"Version": "2012-10-17", "Statement": []}'
        if not self.reply and shape.name in IDS:
            return IDS[shape.name]
        if location == 'header':
            return self.sized(self.random.choice(HEADER_TEXTS), shape)
        if location == 'uri':
            return self.sized(self.random.choice(['plain', 'a b/c', 'é+%25', 'x:::y/z~']), shape)
        return self.sized(self.random.choice(TEXTS), shape)

    character = string

    def sized(self, text, shape):
        if self.reply:
            return text
        least, most = shape.metadata.get('min', 0), shape.metadata.get('max')
        if most is not None and len(text) > most:
            text = text[:most].strip()
        return text.ljust(least, 'x')

    def integer(self, shape):
        least, most = shape.metadata.get('min'), shape.metadata.get('max')
        number = self.random.choice([0, 1, 7, 100, 2**31 - 1])
        number = number if least is None else max(number, int(least))
        return number if most is None else min(number, int(most))

    def long(self, shape):
        if self.random.random() < 0.5 and shape.metadata.get('max') is None:
            return max(2**53 + 1, int(shape.metadata.get('min') or 0))
        return self.integer(shape)

    def float(self, shape):
        least, most = shape.metadata.get('min'), shape.metadata.get('max')
        number = self.random.choice([0.25, 3.5, 1.0, 12345.0625])
        number = number if least is None else max(number, float(least))
        return number if most is None else min(number, float(most))

    double = float

    def boolean(self, shape):
        return self.random.random() < 0.5

    def timestamp(self, shape):
        return self.random.choice(FRACTIONS if self.reply else TIMES)

    def blob(self, shape):
        least = max(int(shape.metadata.get('min', 0) or 0), 1)
        text = self.reply and shape.serialization.get('location') is None and self.random.random() < 0.5
        data = b'bytes as text' if text else bytes([0, 255, 60, 38]) + self.random.randbytes(5)
        return base64.b64encode(data.ljust(min(least, 4096), b'x')).decode()
