"""Compares the project's requests and readings of replies with botocore's, service by service.

usage: run.py PROGRAM SERVICES [NAME …]   PROGRAM is our side, SERVICES the list of what is embedded
"""

import fnmatch
import json
import subprocess
import sys
from collections import Counter
from multiprocessing import Pool
from pathlib import Path

import yaml

import calls
import endpoints
import pages
import signatures
from reference import Reference

# Differences of one kind are shown so often.
SHOWN = 3
# Of an entry in differences.yaml.
KEYS = {'call', 'where', 'ours', 'theirs', 'sometimes', 'reason'}


def examine(task):
    try:
        return compared(*task)
    except Exception as error:
        error.add_note(f'in the service {task[1]}')
        raise


def compared(program, service):
    """Counts, and differences: (service, operation, where, ours, theirs)."""
    reference = Reference(service)
    called, streams = calls.cases(reference)
    # Each case with the module that writes its line and judges the answer, and the operation that it is about.
    parts = {
        'calls': (calls, called, lambda case: case.name),
        'endpoints': (endpoints, endpoints.cases(reference), lambda _: ''),
        'signatures': (signatures, signatures.cases(reference, called), lambda case: case[0].name),
        'paginators': (pages, pages.cases(reference), lambda case: case[0]),
    }
    tasks = [(module, case, name(case)) for module, cases, name in parts.values() for case in cases]
    lines = [json.dumps(module.line(service, case)) + '\n' for module, case, _ in tasks]
    done = subprocess.run([program], input=''.join(lines), capture_output=True, text=True)
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(lines):
        raise RuntimeError(f'{program} ended with {done.returncode}: {done.stderr.strip()[-500:]}')
    found = []
    for (module, case, name), answer in zip(tasks, answers):
        found += [(service, name, *one) for one in module.differences(case, json.loads(answer))]
    counts = Counter({name: len(cases) for name, (_, cases, _) in parts.items()})
    counts.update(understood=sum(case.understood for case in called))
    counts.update(operations=len(called) // len(calls.KINDS), streams=streams)
    return counts, found


class Expected:
    """The differences that are right, each with its reason."""

    def __init__(self, path):
        self.entries = yaml.safe_load(path.read_text())
        for entry in self.entries:
            if not {'call', 'where', 'reason'} <= entry.keys() <= KEYS:
                raise ValueError(f'{path}: call, where and reason must be there, {KEYS} may be: {entry}')
        self.used = [0] * len(self.entries)

    def has(self, **found):
        for index, entry in enumerate(self.entries):
            if all(fits(found[key], entry[key]) for key in found if key in entry):
                self.used[index] += 1
                return True
        return False

    def unused(self):
        return [entry for entry, used in zip(self.entries, self.used) if not used and not entry.get('sometimes')]


def fits(value, patterns):
    patterns = patterns if isinstance(patterns, list) else [patterns]
    return any(fnmatch.fnmatchcase(str(value), pattern) for pattern in patterns)


def main(program, services, only):
    lines = [line.strip() for line in Path(services).read_text().splitlines()]
    names = [name for name in lines if name and not name.startswith('#')]
    names = [name for name in names if not only or name in only]
    # The longest first, so that none is left alone at the end.
    long = ('ec2', 'sagemaker', 'quicksight', 'iot', 'connect', 'glue', 's3')
    names.sort(key=lambda name: (name not in long, name))
    expected = Expected(Path(__file__).parent / 'differences.yaml')
    counts, shown, wrong = Counter(), Counter(), 0
    with Pool() as pool:
        for some, found in pool.imap_unordered(examine, [(program, name) for name in names]):
            counts += some
            for service, operation, where, ours, theirs in found:
                if expected.has(call=f'{service}.{operation}', where=where, ours=ours, theirs=theirs):
                    counts['expected'] += 1
                    continue
                wrong += 1
                kind = (service, where.split(' ')[0])
                shown[kind] += 1
                if shown[kind] <= SHOWN:
                    print(f'{service}.{operation} {where}: ours {ours!r:.400}, botocore {theirs!r:.400}')
    print(
        f'{len(names)} services, {counts["operations"]} operations, {counts["calls"]} requests and replies, '
        f'{counts["endpoints"]} endpoints, {counts["signatures"]} Regions to sign for, {counts["paginators"]} '
        f'paginators; left out: {counts["streams"]} operations that stream events; '
        f'{counts["expected"]} differences that are right, {wrong} that are not'
    )
    unused = [] if only else expected.unused()
    for entry in unused:
        print(f'differences.yaml: {entry["call"]} {entry["where"]} happens no more')
    # Replies that neither side understands would compare well.
    lost = counts['calls'] - counts['understood']
    if lost > counts['calls'] / 100:
        print(f'{lost} replies are not read as they were meant: replies.py writes them wrongly')
    return 1 if wrong or unused or lost > counts['calls'] / 100 else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
