"""Where a service is reached: every Region of every partition, with and without FIPS and dual stack, against botocore's
own reading of the endpoint rules."""

import json
from itertools import product

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

import compare

ACCOUNT = {'AccountId': '123456789012', 'RequiresAccountId': True}
# What rules take apart beside the Region, by service.
ALSO = {
    's3': [
        {'Bucket': 'example-bucket'},
        {'Bucket': 'example-bucket', 'ForcePathStyle': True},
        {'Bucket': 'example-bucket', 'Accelerate': True},
        {'Bucket': 'dotted.example.bucket'},
        {'Bucket': 'Upper_Case'},
        {'Bucket': 'example--use1-az4--x-s3'},
        {'Bucket': 'arn:{partition}:s3:{region}:123456789012:accesspoint/example-point'},
        {'Bucket': 'arn:{partition}:s3:{region}:123456789012:accesspoint:example-point', 'UseArnRegion': True},
        {'Bucket': 'arn:{partition}:s3-object-lambda:{region}:123456789012:accesspoint/example-point'},
        {'Bucket': 'arn:{partition}:s3-outposts:{region}:123456789012:outpost/op-1/accesspoint/example-point'},
        {'Bucket': 'arn:{partition}:s3::123456789012:accesspoint:example.mrap'},
        {'Bucket': 'example-bucket', 'Endpoint': 'https://example.com:8443/path'},
        {'Endpoint': 'https://example.com'},
    ],
    's3control': [
        ACCOUNT,
        {**ACCOUNT, 'Bucket': 'arn:{partition}:s3-outposts:{region}:123456789012:outpost/op-1/bucket/example-bucket'},
        {**ACCOUNT, 'AccessPointName': 'example-point'},
        {**ACCOUNT, 'OutpostId': 'op-01ac5d28a6a232904'},
        {**ACCOUNT, 'Endpoint': 'https://example.com'},
    ],
    'dynamodb': [
        {'AccountId': '123456789012', 'AccountIdEndpointMode': 'preferred'},
        {'AccountIdEndpointMode': 'required'},
    ],
    'kinesis': [
        {'StreamARN': 'arn:{partition}:kinesis:{region}:123456789012:stream/example', 'OperationType': 'control'},
        {'ConsumerARN': 'arn:{partition}:kinesis:{region}:123456789012:stream/s/consumer/c:1', 'OperationType': 'data'},
    ],
    'events': [{'EndpointId': 'abc.d1e'}, {'EndpointId': 'not valid'}],
    'sesv2': [{'EndpointId': 'abc.d1e'}],
    'sts': [{'UseGlobalEndpoint': True}],
}


def cases(reference):
    """Parameters, and what botocore makes of them."""
    rules, partitions, provider = read(reference)
    made = []
    for variant in variants(reference):
        for partition, region in regions(partitions):
            names = {'{partition}': partition, '{region}': region}
            for fips, dual_stack in product((False, True), repeat=2):
                params = {name: filled(value, names) for name, value in variant.items()}
                params.update(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
                known = {name: value for name, value in params.items() if name in rules['parameters']}
                made.append((params, asked(provider, known)))
    return made


def read(reference):
    rules = reference.loader.load_service_model(reference.service, 'endpoint-rule-set-1', reference.model.api_version)
    partitions = reference.loader.load_data('partitions')
    return rules, partitions['partitions'], EndpointProvider(rules, partitions)


def regions(partitions):
    """Every Region with its partition; not the names that stand for a partition's global endpoints."""
    for partition in partitions:
        yield from ((partition['id'], name) for name in partition['regions'] if not name.endswith('-global'))


def variants(reference):
    """What operations set by themselves, and what is worth trying beside."""
    fixed = {
        json.dumps({p.name: p.value for p in reference.operation(name).static_context_parameters}, sort_keys=True)
        for name in reference.model.operation_names
    }
    also = ALSO.get(reference.service, [])
    return [json.loads(text) for text in sorted(fixed)] + also


def filled(value, names):
    if isinstance(value, str):
        for name, text in names.items():
            value = value.replace(name, text)
    return value


def asked(provider, params):
    try:
        endpoint = provider.resolve_endpoint(**params)
    except EndpointProviderError as error:
        return {'refused': str(getattr(error, 'kwargs', {}).get('msg', error))}
    schemes = endpoint.properties.get('authSchemes')
    return {'url': endpoint.url, 'headers': endpoint.headers, 'schemes': schemes}


def line(service, case):
    return {'service': service, 'endpoint': case[0]}


def differences(case, answer):
    params, theirs = case
    shown = ' '.join(f'{name}={value}' for name, value in sorted(params.items()))
    if 'refused' in theirs or 'refused' in answer:
        same = answer.get('refused', 'sent').endswith(theirs.get('refused', 'sent'))
        return [] if same else [(f'endpoint {shown}', answer, theirs)]
    found = compare.values(
        {'url': answer['url'].rstrip('/'), 'headers': answer['headers']},
        {'url': theirs['url'].rstrip('/'), 'headers': theirs['headers']},
        'endpoint',
    )
    if theirs['schemes'] is not None:
        for one, other in zip(answer['schemes'], theirs['schemes'], strict=True):
            region = other.get('signingRegion') or ','.join(other.get('signingRegionSet', [])) or one[2]
            wanted = [other['name'], other.get('signingName', one[1]), region]
            found += compare.values(one, wanted, 'endpoint.scheme')
    return [(f'{where} {shown}', ours, theirs) for where, ours, theirs in found]
