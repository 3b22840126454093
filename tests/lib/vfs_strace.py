#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What strace saw of I/O on files, in the shape of drive_vfs: vfs_strace.py PREFIX > JSON.

The files are those of `strace -ff -yy -s 0 -o PREFIX`. Which calls count is told from what strace
says that each descriptor is; a FIFO with a path is one whose name is `fifo`.
"""
import collections
import glob
import json
import re
import sys

OPS = {
    'read': 'read pread64 readv preadv preadv2',
    'write': 'write pwrite64 writev pwritev pwritev2',
    'fsync': 'fsync fdatasync sync_file_range syncfs msync sync',
    'open': 'open openat openat2 creat',
    'close': 'close',
    'stat': 'stat lstat fstat newfstatat statx',
    'getdents': 'getdents getdents64',
    'rename': 'rename renameat renameat2',
    'unlink': 'unlink unlinkat rmdir',
    'mkdir': 'mkdir mkdirat',
    'truncate': 'truncate ftruncate',
    'fallocate': 'fallocate',
    'copy': 'splice sendfile copy_file_range',
}
OP = {call: op for op, calls in OPS.items() for call in calls.split()}
MOVES = ('read', 'write', 'copy')
NAMES_PATH = set('stat lstat newfstatat statx rename renameat renameat2 unlink unlinkat rmdir mkdir '
                 'mkdirat truncate msync sync'.split())
LINE = re.compile(r'^(\w+)\((.*?)(?:\) += (\?|-?\d+)(.*)| <unfinished \.\.\.>\)? *(?:= \?)?)$')
# 3</a/file>, 3</dev/null<char 1:3>>, 3<pipe:[12]>, AT_FDCWD</a/dir>
FD = re.compile(r'^(?:\d+|AT_FDCWD)<(/.*)>')


def is_file(described):
    """A regular file, directory or block device."""
    path = FD.match(described)
    return bool(path) and '<char ' not in path[1] and not re.search(r'/fifo(?:>|$)', path[1])


def counts(call, args, result, rest, failed):
    if failed == 'EBADF' and (OP[call] == 'open' or call in NAMES_PATH):
        return False  # of a directory that is not open
    if OP[call] == 'open':
        return bool(failed) or is_file(result + rest)
    if OP[call] == 'copy':
        return any(is_file(arg) for arg in args)
    if call in NAMES_PATH:
        by_descriptor = call in ('newfstatat', 'statx') and args[1] == '""' and not failed
        return is_file(args[0]) if by_descriptor else True
    return is_file(args[0])


def add(tally, op, failed, moved):
    t = tally.setdefault(op, {'calls': 0, 'bytes': 0, 'errnos': collections.Counter()})
    t['calls'] += 1
    if failed:
        t['errnos'][failed] += 1
    elif op in MOVES:
        t['bytes'] += moved


def read_thread(lines, tally, calls):
    """Calls that a signal disturbed wait for what the handler's return says of them."""
    waiting = []
    for line in lines:
        m = LINE.match(line)
        if not m:
            continue
        call, args, result, rest = m.groups()
        if result is None:  # killed, or another thread executed a program
            continue
        failed = re.match(r' (E\w+)', rest or '')
        failed = failed[1] if failed else None
        if result == '-1' and not failed:  # killed, and strace could not look any more
            continue
        if call == 'rt_sigreturn':
            if failed == 'EINTR' and waiting:
                add(tally, waiting.pop(), 'EINTR', 0)
            continue
        if call not in OP:
            continue
        if waiting and waiting[-1] == OP[call]:
            waiting.pop()  # this is the same call again
        args = args.split(', ')
        if failed in ('ERESTARTSYS', 'ERESTARTNOINTR', 'ERESTARTNOHAND'):
            waiting.append(OP[call])
            continue
        calls[call] += 1
        if counts(call, args, result, rest or '', failed):
            add(tally, OP[call], failed, int(result) if result != '?' else 0)


def main():
    tally, calls = {}, collections.Counter()
    for path in glob.glob(sys.argv[1] + '.*'):
        with open(path, encoding='utf-8', errors='replace') as lines:
            read_thread((line.rstrip('\n') for line in lines), tally, calls)
    for t in tally.values():
        t['errors'] = sum(t['errnos'].values())
    json.dump({'vfs': tally, 'calls': calls}, sys.stdout)


main()
