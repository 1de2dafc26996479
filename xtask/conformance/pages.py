"""From page to page: the parameters of each next call, against botocore's paginators."""

import copy
import random
import re

from botocore.exceptions import DataNotFoundError, PaginationError
from botocore.paginate import Paginator

import compare
from values import Values

PLAIN = re.compile(r'\w+(\.\w+)*')


def cases(reference):
    """Operation, first parameters, replies, and the calls that botocore makes after the first."""
    try:
        data = reference.loader.load_service_model(reference.service, 'paginators-1', reference.model.api_version)
    except DataNotFoundError:
        return []
    made = []
    for name, config in data['pagination'].items():
        operation = reference.operation(name)
        chance = random.Random(f'{reference.service} {name}')
        params = Values(chance, 0).of(operation.input_shape)
        for token in tokens(config):
            params.pop(token, None)
        replies = [page(operation, config, chance, number) for number in range(4)]
        made.append((name, params, replies, followed(operation, config, params, replies)))
    return made


def tokens(config):
    given = config['input_token']
    return given if isinstance(given, list) else [given]


def page(operation, config, chance, number):
    """The first two pages name a next one in every way, the third in the second way; the last one says that it is."""
    reply = Values(chance, 1, reply=True).of(operation.output_shape)
    paths = config['output_token']
    for path in paths if isinstance(paths, list) else [paths]:
        first, *others = [part.strip() for part in path.split('||')]
        if number == 2 and others:
            put(reply, first, None)
        elif number == 3:
            put(reply, first, None if config.get('more_results') is None else 'more')
        else:
            put(reply, first, f'token {number}')
    if config.get('more_results'):
        put(reply, config['more_results'], number < 3)
    return reply


def put(reply, path, value):
    """Sets text at a path of names, or removes what is there."""
    if not PLAIN.fullmatch(path):
        return
    *names, last = path.split('.')
    for name in names:
        reply = reply.get(name, {})
    if value is None:
        reply.pop(last, None)
    elif isinstance(reply.get(last), (str, bool)):
        reply[last] = value


def followed(operation, config, params, replies):
    asked = []

    def call(**kwargs):
        asked.append(copy.deepcopy(kwargs))
        return copy.deepcopy(replies[len(asked) - 1])

    try:
        for _ in Paginator(call, config, operation).paginate(**params):
            if len(asked) == len(replies):
                break
    except PaginationError as error:
        return {'refused': str(error)}
    return {'asked': asked[1:]}


def line(service, case):
    name, params, replies, _ = case
    # botocore's last page is never followed here.
    return {'service': service, 'operation': name, 'params': params, 'pages': replies[:-1]}


def differences(case, answer):
    if 'refused' in answer and 'refused' in case[3]:
        return []
    return compare.values(answer, case[3], 'pages')
