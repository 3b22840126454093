// SPDX-License-Identifier: Apache-2.0
/*
 * The process that touches files of targets. Its memory is a copy of ours, of which it uses nothing, and all it
 * has is one end of a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/fs.h"
#include "symbol/elf.h"
#include "symbol/files_ask.h"
#include "symbol/files_pool.h"

#define NUMBERS_MAX 65536 /* of files */
/* What may be read of symbols: of all targets, of each one at least. */
#define READ_BYTES (4ull << 30)
#define READ_LEAST (64ull << 20)
#define SOCK 3
#define END_STEP_NS NSEC_PER_MSEC
#define END_STEPS 200

struct helper {
	size_t n_targets;
	atomic_int *roots; /* of each target; -1: not known yet */
	uint64_t *left_bytes; /* of each target, to read; under the lock */
	pthread_mutex_t lock;
	struct held *files[NUMBERS_MAX];
	struct pool *pool;
};

static void say(const struct answer *a, const char *names)
{
	struct iovec parts[] = { { (void *)a, sizeof(*a) }, { (void *)names, a->bytes } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };

	(void)sendmsg(SOCK, &m, MSG_NOSIGNAL); /* nobody listens any more: this process ends, too */
}

static bool is_hosts(int root)
{
	struct stat own, its;

	return stat("/", &own) || fstat(root, &its) ||
	       (own.st_dev == its.st_dev && own.st_ino == its.st_ino);
}

/* Until who makes a container has moved there, its root is the host's. */
static void do_root(struct helper *h, const struct ask *a, struct answer *to)
{
	char path[64];
	int root;

	snprintf(path, sizeof(path), "/proc/%u/root", a->pid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 && !a->contained) /* it was gone before it could be looked at */
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		to->lack = errno == ENOENT || errno == ESRCH ? SYMBOL_GONE : SYMBOL_SILENT;
		return;
	}
	if (a->contained && is_hosts(root)) {
		close(root); /* it is to be asked again: as when it was refused */
		return;
	}
	to->lack = SYMBOL_LACKS;
	atomic_store(&h->roots[a->target], root);
}

static void do_open(struct helper *h, const struct ask *a, struct answer *to)
{
	struct held *f = calloc(1, sizeof(*f));
	char *path = strndup(a->path, sizeof(a->path) - 1);

	to->lack = f && path ? held_open(a, atomic_load(&h->roots[a->target]), f) : SYMBOL_ROOM;
	if (to->lack != SYMBOL_LACKS) {
		free(path);
		free(f);
		return;
	}
	f->path = path;
	pthread_mutex_lock(&h->lock);
	h->files[a->file] = f;
	pthread_mutex_unlock(&h->lock);
}

static struct held *held_of(struct helper *h, uint32_t number)
{
	struct held *f;

	pthread_mutex_lock(&h->lock);
	f = h->files[number];
	pthread_mutex_unlock(&h->lock);
	return f;
}

/* In as many messages as it takes. */
static void say_names(const struct elf_symbols *s, const struct held *f, struct answer *to)
{
	char names[ASK_OFFSETS * ANSWER_NAME];

	for (size_t i = 0; i < f->n_offsets; i += to->n) {
		size_t n = f->n_offsets - i, at = 0;

		to->first = i;
		to->n = n < ASK_OFFSETS ? n : ASK_OFFSETS;
		for (size_t k = i; k < i + to->n; k++) {
			const char *name = elf_symbols_at(s, f->offsets[k]);
			size_t len = strnlen(name ? name : "", ANSWER_NAME - 1);

			memcpy(names + at, name ? name : "", len);
			names[at + len] = '\0';
			at += len + 1;
		}
		to->bytes = at;
		to->last = i + to->n == f->n_offsets;
		say(to, names);
	}
}

static enum symbol_lack read_names(struct helper *h, const struct ask *a, const struct held *f,
				   struct elf_symbols **ret)
{
	struct err err = { 0 };
	uint64_t left, before;

	if (held_changed(f))
		return SYMBOL_BAD;
	pthread_mutex_lock(&h->lock);
	before = left = h->left_bytes[a->target];
	pthread_mutex_unlock(&h->lock);
	if (elf_symbols_open(f->fd, atomic_load(&h->roots[a->target]), f->path, &left, ret, &err))
		*ret = NULL;
	pthread_mutex_lock(&h->lock);
	before -= left;
	left = h->left_bytes[a->target];
	h->left_bytes[a->target] = left > before ? left - before : 0;
	pthread_mutex_unlock(&h->lock);
	if (*ret && held_changed(f)) {
		elf_symbols_close(*ret);
		*ret = NULL;
	}
	return *ret ? SYMBOL_LACKS : !h->left_bytes[a->target] ? SYMBOL_ROOM : SYMBOL_BAD;
}

static void do_names(struct helper *h, const struct ask *a, struct answer *to)
{
	struct elf_symbols *symbols = NULL;
	struct held *f = held_of(h, a->file);

	to->lack = f ? read_names(h, a, f, &symbols) : SYMBOL_GONE;
	to->last = !symbols;
	if (!symbols) {
		say(to, NULL);
		return;
	}
	say_names(symbols, f, to);
	elf_symbols_close(symbols);
}

static void work(void *arg, const struct ask *a, int refused)
{
	struct answer to = { a->kind, a->file, a->target, SYMBOL_SILENT, .last = 1 };
	struct helper *h = arg;

	if (!refused && a->kind == ASK_NAMES) {
		do_names(h, a, &to);
		return;
	}
	if (!refused && a->kind == ASK_ROOT)
		do_root(h, a, &to);
	else if (!refused)
		do_open(h, a, &to);
	say(&to, NULL);
}

/* All offsets before anybody looks. */
static int gather(struct helper *h, const struct ask *a)
{
	struct held *f = held_of(h, a->file);
	uint64_t *v;

	if (!f)
		return 0;
	v = reallocarray(f->offsets, f->n_offsets + a->n, sizeof(*v));
	if (!v)
		return -ENOMEM;
	f->offsets = v;
	memcpy(v + f->n_offsets, a->offsets, a->n * sizeof(*v));
	f->n_offsets += a->n;
	return 0;
}

static bool is_fine(const struct helper *h, const struct ask *a, ssize_t len)
{
	return len == sizeof(*a) && a->file < NUMBERS_MAX && a->target < h->n_targets &&
	       (a->kind != ASK_NAMES || a->n <= ASK_OFFSETS);
}

/* Until nobody is at the other end. */
static void serve(struct helper *h)
{
	struct ask a;

	for (;;) {
		struct pollfd sock = { .fd = SOCK, .events = POLLIN };
		ssize_t len;

		if (poll(&sock, 1, pool_tend(h->pool)) < 0 && errno != EINTR)
			return;
		if (!sock.revents)
			continue;
		len = recv(SOCK, &a, sizeof(a), 0);
		if (!len || (len < 0 && errno != EINTR) || (len > 0 && !is_fine(h, &a, len)))
			return;
		if (len > 0 && a.kind == ASK_NAMES && gather(h, &a))
			return;
		if (len > 0 && !(a.kind == ASK_NAMES && a.more) && pool_put(h->pool, &a))
			return;
	}
}

/* Nothing of ours: no signals, no output, no files, no directory that could not be unmounted. */
static bool leave_all(int sock)
{
	sigset_t all;
	int null = open("/dev/null", O_RDWR);

	sigfillset(&all);
	(void)prctl(PR_SET_NAME, "cbpf-symbols");
	if (sigprocmask(SIG_SETMASK, &all, NULL) || chdir("/") || null < 0)
		return false;
	for (int i = 0; i < SOCK; i++)
		if (dup2(null, i) < 0)
			return false;
	if (sock != SOCK && dup2(sock, SOCK) < 0)
		return false;
	return !syscall(SYS_close_range, SOCK + 1, ~0u, 0);
}

/* Maps of BPF that are mapped in ours would live as long as a thread here that does not come back. */
static void unmap_bpf(void)
{
	cleanup_fclose FILE *maps = fopen("/proc/self/maps", "re");
	cleanup_free char *line = NULL;
	unsigned long from, to;
	size_t size = 0;

	while (maps && getline(&line, &size, maps) > 0)
		if (strstr(line, "anon_inode:bpf-map") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			(void)munmap((void *)from, to - from);
}

static void be_helper(size_t n_targets, size_t max, int sock)
{
	struct helper *h = calloc(1, sizeof(*h));

	if (!h || !leave_all(sock))
		return;
	unmap_bpf();
	fd_limit_raise(max + n_targets);
	h->n_targets = n_targets;
	h->roots = malloc(n_targets * sizeof(*h->roots));
	h->left_bytes = malloc(n_targets * sizeof(*h->left_bytes));
	pthread_mutex_init(&h->lock, NULL);
	if (!h->roots || !h->left_bytes || pool_open(n_targets, work, h, &h->pool))
		return;
	for (size_t i = 0; i < n_targets; i++) {
		atomic_init(&h->roots[i], -1);
		h->left_bytes[i] =
			READ_BYTES / n_targets > READ_LEAST ? READ_BYTES / n_targets : READ_LEAST;
	}
	serve(h);
	/* A thread that does not come back keeps what is open, and mounts busy. */
	(void)syscall(SYS_close_range, 0, ~0u, 0);
}

int helper_start(size_t n_targets, size_t max, int *ret_sock, pid_t *ret_pid)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid) {
		be_helper(n_targets, max, pair[1]);
		_exit(0);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	*ret_sock = pair[0];
	*ret_pid = pid;
	return 0;
}

static bool is_gone(pid_t pid)
{
	for (int i = 0; i < END_STEPS; i++) {
		if (waitpid(pid, NULL, WNOHANG))
			return true;
		clock_sleep_until(clock_mono_ns() + END_STEP_NS);
	}
	return false;
}

void helper_end(int sock, pid_t pid)
{
	close(sock);
	if (is_gone(pid))
		return;
	kill(pid, SIGKILL);
	(void)is_gone(pid); /* or it hangs in the kernel: init takes it */
}

void helper_cost(pid_t pid, uint64_t *ret_cpu_ns, uint64_t *ret_rss_max_bytes)
{
	char path[64], text[4096];
	struct timespec t;
	const char *hwm;
	clockid_t clock;

	if (!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &t))
		*ret_cpu_ns = (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)))
		return;
	hwm = strstr(text, "\nVmHWM:");
	if (hwm)
		*ret_rss_max_bytes = 1024ull * strtoull(hwm + strlen("\nVmHWM:"), NULL, 10);
}
