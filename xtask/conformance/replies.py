"""An operation's output as a reply of its service: what AWS's side of each protocol writes."""

import base64
import json
import zlib
from datetime import datetime, timezone
from email.utils import format_datetime
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

REQUEST_ID = '12345678-90ab-cdef-1234-567890abcdef'
FORMS = ['iso8601', 'rfc822', 'unixTimestamp']
INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance'


def success(operation, protocol, value):
    """Status, headers and body."""
    shape = operation.output_shape
    status = operation.http.get('responseCode', 200)
    headers = [['x-amzn-requestid', REQUEST_ID]]
    if shape is None:
        return reply(status, headers, nothing(operation, protocol))
    if protocol == 'json':
        return reply(status, headers, json.dumps(to_json(shape, value)))
    if protocol == 'query':
        wrapper = shape.serialization.get('resultWrapper', operation.name + 'Result')
        inner = f'<{wrapper}>{members(shape, value)}</{wrapper}>'
        metadata = f'<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>'
        return reply(status, headers, document(f'{operation.name}Response', inner + metadata))
    if protocol == 'ec2':
        inner = f'<requestId>{REQUEST_ID}</requestId>{members(shape, value)}'
        return reply(status, headers, document(f'{operation.name}Response', inner))
    return rest(shape, value, protocol, status, headers)


def nothing(operation, protocol):
    if protocol == 'query':
        inner = f'<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>'
        return document(f'{operation.name}Response', inner)
    if protocol == 'ec2':
        return document(f'{operation.name}Response', f'<requestId>{REQUEST_ID}</requestId><return>true</return>')
    return ''


def reply(status, headers, body):
    body = body if isinstance(body, bytes) else body.encode()
    headers = [[name, str(len(body)) if name.lower() == 'content-length' else text] for name, text in headers]
    return {'status': status, 'headers': headers, 'body': base64.b64encode(body).decode()}


def document(root, inner):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="https://example.com/doc/">{inner}</{root}>'


def rest(shape, value, protocol, status, headers):
    body = {}
    # Always there, and part of what is said.
    value.update({name: status for name, member in shape.members.items() if located(member, 'statusCode')})
    for name, item in value.items():
        member = shape.members[name]
        location = member.serialization.get('location')
        wire = member.serialization.get('name', name)
        if location == 'header':
            headers.append([wire, header(member, item)])
        elif location == 'headers':
            headers += [[wire + key, header(member.value, text)] for key, text in item.items()]
        elif location != 'statusCode':
            body[name] = item
    payload = shape.serialization.get('payload')
    if payload is None:
        if protocol == 'rest-json':
            return reply(status, headers, json.dumps(to_json(shape, body)))
        if shape.name == 'GetBucketLocationOutput':
            # Not within an output's element (S3 API Reference, GetBucketLocation).
            return reply(status, headers, members(shape, body) or document('LocationConstraint', ''))
        return reply(status, headers, document(shape.serialization.get('name', shape.name), members(shape, body)))
    if payload not in body:
        return reply(status, headers, '')
    member = shape.members[payload]
    if member.type_name == 'blob':
        return reply(status, headers, base64.b64decode(body[payload]))
    if member.type_name == 'string':
        return reply(status, headers, body[payload])
    if protocol == 'rest-json':
        return reply(status, headers, json.dumps(to_json(member, body[payload])))
    name = member.serialization.get('name', payload)
    return reply(status, headers, f'<{name}{attributes(member, body[payload])}>{members(member, body[payload])}</{name}>')


def located(member, location):
    return member.serialization.get('location') == location


def header(shape, value):
    if shape.serialization.get('jsonvalue'):
        return base64.b64encode(json.dumps(value).encode()).decode()
    if shape.type_name == 'list':
        return ', '.join(scalar(shape.member, item, 'rfc822') for item in value)
    return scalar(shape, value, 'rfc822')


def scalar(shape, value, default):
    if shape.type_name == 'timestamp':
        return str(timestamp(shape, value, default))
    if shape.type_name == 'boolean':
        return 'true' if value else 'false'
    # "URL-encoded compliant with RFC 3986" (IAM API Reference, GetRolePolicy).
    return quote(value, safe='') if shape.name == 'policyDocumentType' else str(value)


def timestamp(shape, value, default):
    moment = datetime.fromisoformat(value.replace('Z', '+00:00')).astimezone(timezone.utc)
    form = shape.serialization.get('timestampFormat', default)
    # Services do not all keep to their model. Not every format has fractions.
    if not moment.microsecond and zlib.crc32(f'{shape.name} {value}'.encode()) % 5 == 0:
        form = FORMS[(FORMS.index(form) + 1) % 3]
    if form == 'iso8601':
        return value
    if form == 'rfc822':
        return format_datetime(moment, usegmt=True)
    seconds = moment.timestamp()
    return int(seconds) if seconds == int(seconds) else seconds


def to_json(shape, value):
    kind = shape.type_name
    if kind == 'structure' and not getattr(shape, 'is_document_type', False):
        names = {name: member.serialization.get('name', name) for name, member in shape.members.items()}
        found = {names[name]: to_json(shape.members[name], item) for name, item in value.items()}
        # Some of what is absent is said to be.
        absent = [wire for name, wire in names.items() if name not in value and len(name) % 4 == 0]
        return found | {wire: None for wire in absent if wire not in found}
    if kind == 'list':
        return [to_json(shape.member, item) for item in value]
    if kind == 'map':
        return {key: to_json(shape.value, item) for key, item in value.items()}
    if kind == 'timestamp':
        return timestamp(shape, value, 'unixTimestamp')
    return value


def members(shape, value):
    """The child elements of a structure."""
    text = ''
    for name, item in value.items():
        member = shape.members[name]
        if member.serialization.get('xmlAttribute'):
            continue
        wire = member.serialization.get('name', name)
        if member.type_name == 'list' and member.serialization.get('flattened'):
            wire = member.member.serialization.get('name', wire)
        text += element(member, item, wire)
    return text


def attributes(shape, value):
    text = ''
    for name, item in value.items():
        member = shape.members[name]
        if member.serialization.get('xmlAttribute'):
            text += f' xmlns:xsi="{INSTANCE}" {member.serialization["name"]}={quoteattr(item)}'
    return text


def element(shape, value, name):
    flattened = shape.serialization.get('flattened')
    if shape.type_name == 'structure':
        return f'<{name}{attributes(shape, value)}>{members(shape, value)}</{name}>'
    if shape.type_name == 'list':
        if flattened:
            return ''.join(element(shape.member, item, name) for item in value)
        inner = shape.member.serialization.get('name', 'member')
        items = ''.join(element(shape.member, item, inner) for item in value)
        return f'<{name}>{items}</{name}>'
    if shape.type_name == 'map':
        key_name = shape.key.serialization.get('name', 'key')
        value_name = shape.value.serialization.get('name', 'value')
        entries = [
            f'<{key_name}>{escape(key)}</{key_name}>{element(shape.value, item, value_name)}'
            for key, item in value.items()
        ]
        if flattened:
            return ''.join(f'<{name}>{entry}</{name}>' for entry in entries)
        return f'<{name}>' + ''.join(f'<entry>{entry}</entry>' for entry in entries) + f'</{name}>'
    return f'<{name}>{escape(scalar(shape, value, "iso8601"))}</{name}>'


def failure(operation, protocol, service, random):
    """A failure that the model names, or one that every service has; and what must be read of it."""
    code, status = 'AccessDeniedException', 400
    # Expired credentials are fetched again, and the call repeated.
    named = [shape for shape in operation.error_shapes if not shape.name.startswith('Expired')]
    if named and random.random() < 0.8:
        shape = random.choice(named)
        modelled = shape.metadata.get('error', {})
        code, status = modelled.get('code', shape.name), modelled.get('httpStatusCode', 400)
    message = 'not <so> & "why" é'
    headers = [['x-amzn-requestid', REQUEST_ID]]
    if protocol == 'query':
        inner = f'<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
        body = document('ErrorResponse', f'{inner}<RequestId>{REQUEST_ID}</RequestId>')
    elif protocol == 'ec2':
        inner = f'<Errors><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error></Errors>'
        body = f'<Response>{inner}<RequestID>{REQUEST_ID}</RequestID></Response>'
    elif protocol == 'rest-xml' and service == 's3':
        headers = [['x-amz-request-id', REQUEST_ID], ['x-amz-id-2', 'host']]
        inner = f'<Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{REQUEST_ID}</RequestId>'
        body = f'<?xml version="1.0"?><Error>{inner}<HostId>host</HostId></Error>'
    elif protocol == 'rest-xml':
        inner = f'<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>'
        body = document('ErrorResponse', f'{inner}<RequestId>{REQUEST_ID}</RequestId>')
    elif protocol == 'rest-json' and random.random() < 0.7:
        headers.append(['x-amzn-errortype', code + random.choice(['', ':http://internal.amazon.com/coral/'])])
        body = json.dumps({random.choice(['message', 'Message']): message})
    else:
        prefix = random.choice(['', 'com.amazonaws.example#'])
        body = json.dumps({'__type': prefix + code, random.choice(['message', 'Message']): message})
        if operation.service_model.metadata.get('awsQueryCompatible') is not None:
            headers.append(['x-amzn-query-error', f'Old.{code};Sender'])
    return reply(status, headers, body)
