"""A request whose body comes in chunks, with its checksum behind it, as the same request with the body whole and the
checksum before it (Amazon S3 User Guide, "Checking object integrity for data uploads", on trailing checksums)."""

# Headers that tell of the chunks.
ABOUT = {'transfer-encoding', 'x-amz-decoded-content-length', 'x-amz-trailer'}


def whole(headers, body):
    """Pairs of a request's headers, and its body, without chunks; as they are where there are none. What is not as its
    headers say is an error."""
    sent = dict(headers)
    encodings = [name.strip() for name in sent.get('content-encoding', '').split(',') if name.strip()]
    if 'aws-chunked' not in encodings:
        return headers, body
    content, trailers = read(body)
    length, names = int(sent['x-amz-decoded-content-length']), sent.get('x-amz-trailer', '').split(',')
    if length != len(content) or [name for name, _ in trailers] != [name for name in names if name]:
        raise ValueError(f'chunks of {len(content)} bytes with {trailers}, announced as {length} with {names}')
    encodings.remove('aws-chunked')
    found = [[name, value] for name, value in headers if name not in {'content-encoding', *ABOUT}]
    if encodings:
        found.append(['content-encoding', ','.join(encodings)])
    return found + trailers, content


def read(body):
    """The content of all chunks, and the headers behind them."""
    content, rest = b'', body
    while True:
        size, _, rest = rest.partition(b'\r\n')
        size = int(size, 16)
        if size == 0:
            break
        if rest[size : size + 2] != b'\r\n':
            raise ValueError(f'a chunk is not of {size} bytes: {rest[:200]!r}')
        content, rest = content + rest[:size], rest[size + 2 :]
    lines = rest.decode().split('\r\n')
    if lines[-2:] != ['', '']:
        raise ValueError(f'the chunks do not end: {rest!r}')
    return content, [line.split(':', 1) for line in lines[:-2]]
