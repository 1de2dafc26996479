"""Where a request goes and for which Region and service it is signed, in every Region, with nothing else set: botocore's
client takes that from the endpoint rules, else from its list of endpoints."""

from urllib.parse import urlsplit

from botocore.client import ClientEndpointBridge
from botocore.exceptions import EndpointProviderError

import compare
import endpoints


def cases(reference, calls):
    """A call of each service in each Region, where it goes, and for what botocore signs it: Region and signing name."""
    signed = [call for call in calls if call.kind == 'sparse' and call.request and authorized(call.request)]
    # An ARN belongs to one partition.
    signed = [call for call in signed if 'arn:' not in str(call.params)]
    if not signed:
        return []
    call = signed[0]
    rules, partitions, provider = endpoints.read(reference)
    bridge = ClientEndpointBridge(
        reference.session.get_component('endpoint_resolver'),
        scoped_config={},
        client_config=reference.client.meta.config,
        service_signing_name=reference.model.metadata.get('signingName'),
        config_store=reference.session.get_component('config_store'),
    )
    fixed = {parameter.name: parameter.value for parameter in call.operation.static_context_parameters}
    fixed = {name: value for name, value in fixed.items() if name in rules['parameters']}
    made = []
    for _, region in endpoints.regions(partitions):
        try:
            endpoint = provider.resolve_endpoint(Region=region, **fixed)
        except EndpointProviderError:
            continue
        listed = bridge.resolve(reference.model.endpoint_prefix, region)
        scheme = (endpoint.properties.get('authSchemes') or [{}])[0]
        name = scheme.get('signingName', listed['signing_name'])
        host = urlsplit(endpoint.url).netloc
        made.append((call, region, host, f'{scheme.get("signingRegion", listed["signing_region"])} {name}'))
    return made


def authorized(request):
    return any(name == 'authorization' for name, _ in request['headers'])


def line(service, case):
    return {**case[0].line(service), 'region': case[1]}


def differences(case, answer):
    _, region, host, wanted = case
    if answer['request'] is None:
        return [(f'signed {region}', answer['failure']['message'], wanted)]
    found = compare.headers(answer['request'] | {'body': b''}).get('authorization')
    sent = urlsplit(answer['request']['url']).netloc
    # Parameters may stand in front.
    if found == wanted and sent.endswith(host):
        return []
    return [(f'signed {region}', f'{sent} {found}', f'{host} {wanted}')]
