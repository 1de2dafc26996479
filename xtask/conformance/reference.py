"""botocore as the reference: its clients, with a stub where the network would be."""

import base64
import io

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import OperationModel
from botocore.parsers import ResponseParserError as ParserError

import chunked

REGION = 'ap-northeast-1'
CREDENTIALS = Credentials('AKIDEXAMPLE', 'secret')


class Body(io.BytesIO):
    """The part of urllib3's reply that botocore reads."""

    def stream(self, **_):
        return iter([self.read()])


class Reference:
    """A client of one service that sends nothing: each request is kept and answered by the reply at hand."""

    def __init__(self, service):
        session = botocore.session.Session()
        loader = session.get_component('data_loader')
        load = loader.load_service_model

        # The project speaks the other protocols of services that speak CBOR too.
        def without_cbor(*args, **kwargs):
            model = load(*args, **kwargs)
            metadata = model.get('metadata', {})
            spoken = [name for name in metadata.get('protocols', []) if name != 'smithy-rpc-v2-cbor']
            if len(spoken) < len(metadata.get('protocols', [])):
                metadata['protocols'] = spoken
                metadata['protocol'] = spoken[0]
            return model

        loader.load_service_model = without_cbor
        config = Config(
            retries={'total_max_attempts': 1, 'mode': 'standard'},
            request_checksum_calculation='when_required',
            response_checksum_validation='when_required',
            account_id_endpoint_mode='disabled',
            disable_request_compression=True,
        )
        self.client = session.create_client(
            service,
            region_name=REGION,
            aws_access_key_id=CREDENTIALS.access_key,
            aws_secret_access_key=CREDENTIALS.secret_key,
            config=config,
        )
        self.service, self.session, self.loader = service, session, loader
        self.model = self.client.meta.service_model
        self.protocol = self.model.resolved_protocol
        self.request = None
        self.reply = None
        self.client.meta.events.register_last('before-send', self.answer)

    def operation(self, name) -> OperationModel:
        return self.model.operation_model(name)

    def answer(self, request, **_):
        body = request.body
        if hasattr(body, 'read'):
            body = body.read()
        if isinstance(body, str):
            body = body.encode()
        text = lambda value: value.decode('latin-1') if isinstance(value, bytes) else str(value)
        headers = [[name.lower(), text(value)] for name, value in request.headers.items()]
        headers, body = chunked.whole(headers, bytes(body or b''))
        self.request = {'method': request.method, 'url': request.url, 'headers': headers, 'body': body}
        headers = HTTPHeaders.from_pairs([tuple(pair) for pair in self.reply['headers']])
        raw = Body(base64.b64decode(self.reply['body']))
        return AWSResponse(request.url, self.reply['status'], headers, raw)

    def call(self, operation, params, reply):
        """The request, the output, and the failure (code, message, request id). No request: botocore refuses."""
        self.request, self.reply = None, reply
        try:
            output = self.client._make_api_call(operation, params)
        except (BotoCoreError, ParserError) as error:
            return None, None, {'code': 'refused', 'message': str(error)}
        except ClientError as error:
            said = error.response
            found = said['Error']
            request_id = said['ResponseMetadata'].get('RequestId')
            return self.request, None, {
                'code': found.get('Code'),
                'message': found.get('Message'),
                'request_id': request_id,
            }
        return self.request, output, None
