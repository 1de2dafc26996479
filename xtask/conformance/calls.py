"""Every operation of a service: what is sent for full and for minimal parameters, what is made of full and of sparse
replies and of failures."""

import random

import compare
import replies
import shapes
from reference import REGION
from values import Values

# Goes up to try other values than the last time.
ROUND = 1
# Name, how full the parameters, how full the reply; none for a failure.
KINDS = [('full', 1, 1), ('sparse', 0, 0.4), ('failure', 0.5, None)]

# What the client adds to a failure after which a request may have been carried out.
NOT_AGAIN = ' (not sent again: it may have been done)'


class Case:
    """One call: its lines for the other side, and what botocore made of it."""

    def __init__(self, reference, name, kind, full, reply_full):
        self.name, self.kind = name, kind
        service = reference.client.meta.service_model.service_name
        chance = random.Random(f'{ROUND} {service} {name} {kind}')
        self.operation = operation = reference.operation(name)
        self.params = Values(chance, full).of(operation.input_shape) if operation.input_shape else {}
        protocol = reference.protocol
        if reply_full is None:
            self.reply = replies.failure(operation, protocol, service, chance)
        else:
            output = operation.output_shape
            value = Values(chance, reply_full, reply=True).of(output) if output else {}
            self.reply = replies.success(operation, protocol, value)
        native = shapes.to_botocore(operation.input_shape, self.params) if operation.input_shape else {}
        self.made_token = any(name not in self.params for name in operation.idempotent_members)
        self.request, output, self.failure = reference.call(name, native, self.reply)
        if self.failure is None and (shape := operation.output_shape):
            output.pop('ResponseMetadata', None)
            self.output = shapes.plain(shape, output)
            # Whether the reply said what it was meant to say.
            self.understood = self.output == shapes.plain(shape, value)
        else:
            self.output, self.understood = {}, True

    def line(self, service):
        """What the other side is asked."""
        return {
            'service': service,
            'operation': self.name,
            'region': REGION,
            'params': self.params,
            'reply': self.reply,
        }

    def differences(self, answer):
        """Our answer against botocore's."""
        if self.request is None:
            return [('botocore', 'sent' if answer['request'] else 'refused', self.failure['message'])]
        if answer['request'] is None:
            return [('refused', answer['failure']['message'], 'sent')]
        found = compare.requests(answer['request'], self.request, self.made_token)
        found = [(f'request.{where}', ours, theirs) for where, ours, theirs in found]
        if self.failure is not None:
            ours = answer.get('failure', {})
            ours['message'] = ours.get('message', '').removesuffix(NOT_AGAIN)
            return found + compare.values(ours, self.failure, 'failure')
        if 'failure' in answer:
            return [*found, ('reply', answer['failure']['message'], 'read')]
        shape = self.operation.output_shape
        ours = answer['output'] if shape is None else shapes.plain(shape, answer['output'])
        return found + compare.values(ours, self.output, 'reply')


def cases(reference):
    """The cases of a service, and how many operations have none: the project streams no events."""
    made, streams = [], 0
    for name in reference.model.operation_names:
        operation = reference.operation(name)
        if operation.has_event_stream_input or operation.has_event_stream_output:
            streams += 1
        else:
            made += [Case(reference, name, *kind) for kind in KINDS]
    return made, streams


def line(service, case):
    return case.line(service)


def differences(case, answer):
    return case.differences(answer)
