"""From JSON as the project has it to what botocore takes, and back from what botocore gives."""

import base64
import json
from datetime import datetime, timezone


def is_json(shape):
    return shape.serialization.get('jsonvalue') and shape.serialization.get('location') == 'header'


def to_botocore(shape, value):
    kind = shape.type_name
    if kind == 'structure' and not getattr(shape, 'is_document_type', False):
        return {name: to_botocore(shape.members[name], item) for name, item in value.items()}
    if kind == 'list':
        return [to_botocore(shape.member, item) for item in value]
    if kind == 'map':
        return {key: to_botocore(shape.value, item) for key, item in value.items()}
    if kind == 'blob':
        return base64.b64decode(value)
    return value


def plain(shape, value):
    """What either side gives, in one form: timestamps as text of one format, blobs as base64 text, JSON parsed."""
    kind = shape.type_name
    if value is None:
        return None
    if kind == 'structure' and not getattr(shape, 'is_document_type', False):
        return {name: plain(shape.members[name], item) for name, item in value.items() if name in shape.members}
    if kind == 'list':
        return [plain(shape.member, item) for item in value]
    if kind == 'map':
        return {key: plain(shape.value, item) for key, item in value.items()}
    if kind == 'timestamp':
        return instant(value)
    if kind == 'blob':
        if hasattr(value, 'read'):
            # Past the check of the reply's checksum: those are made up.
            value = value._raw_stream.read()
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value
    if kind == 'string' and hasattr(value, 'read'):
        return value.read().decode()
    # botocore parses IAM's policies.
    if (is_json(shape) or shape.name == 'policyDocumentType') and isinstance(value, str):
        return json.loads(value)
    return value


def instant(value):
    """An instant as text; what is no instant stays."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace('Z', '+00:00'))
        except ValueError:
            return value
    return value.astimezone(timezone.utc).isoformat()
