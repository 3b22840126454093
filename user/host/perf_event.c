// SPDX-License-Identifier: Apache-2.0
/* Names of events, and the system call. */
#include "host/perf_event.h"

#include <ctype.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "host/perf_event_pmu.h"

/* As perf list has them, with the short forms. */
static const struct named {
	const char *name, *alias;
	uint32_t type;
	uint64_t config;
} named[] = {
	{ "cpu-cycles", "cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
	{ "instructions", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
	{ "cache-references", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
	{ "cache-misses", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
	{ "branch-instructions", "branches", PERF_TYPE_HARDWARE,
	  PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
	{ "branch-misses", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
	{ "bus-cycles", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES },
	{ "stalled-cycles-frontend", "idle-cycles-frontend", PERF_TYPE_HARDWARE,
	  PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
	{ "stalled-cycles-backend", "idle-cycles-backend", PERF_TYPE_HARDWARE,
	  PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
	{ "ref-cycles", NULL, PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
	{ "cpu-clock", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
	{ "task-clock", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
	{ "page-faults", "faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
	{ "context-switches", "cs", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
	{ "cpu-migrations", "migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
	{ "minor-faults", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
	{ "major-faults", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
	{ "alignment-faults", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
	{ "emulation-faults", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS },
	{ "dummy", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY },
	{ "cgroup-switches", NULL, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CGROUP_SWITCHES },
};

/* Parts of a hardware cache event, by PERF_COUNT_HW_CACHE_*. */
#define PART_NAMES 5
struct part {
	const char *names[PART_NAMES];
};
static const struct part caches[] = {
	[PERF_COUNT_HW_CACHE_L1D] = { { "L1-dcache", "L1-d", "L1d", "L1-data" } },
	[PERF_COUNT_HW_CACHE_L1I] = { { "L1-icache", "L1-i", "L1i", "L1-instruction" } },
	[PERF_COUNT_HW_CACHE_LL] = { { "LLC", "L2" } },
	[PERF_COUNT_HW_CACHE_DTLB] = { { "dTLB", "d-tlb", "Data-TLB" } },
	[PERF_COUNT_HW_CACHE_ITLB] = { { "iTLB", "i-tlb", "Instruction-TLB" } },
	[PERF_COUNT_HW_CACHE_BPU] = { { "branch", "branches", "bpu", "btb", "bpc" } },
	[PERF_COUNT_HW_CACHE_NODE] = { { "node" } },
};
static const struct part ops[] = {
	[PERF_COUNT_HW_CACHE_OP_READ] = { { "loads", "load", "read" } },
	[PERF_COUNT_HW_CACHE_OP_WRITE] = { { "stores", "store", "write" } },
	[PERF_COUNT_HW_CACHE_OP_PREFETCH] = { { "prefetches", "prefetch", "speculative-read",
						"speculative-load" } },
};
static const struct part results[] = {
	[PERF_COUNT_HW_CACHE_RESULT_ACCESS] = { { "access", "refs", "Reference", "ops" } },
	[PERF_COUNT_HW_CACHE_RESULT_MISS] = { { "misses", "miss" } },
};
/* Nobody stores to the cache of instructions, and TLBs of these are only read. */
#define READS (1 << PERF_COUNT_HW_CACHE_OP_READ)
#define PREFETCHES (1 << PERF_COUNT_HW_CACHE_OP_PREFETCH)
#define ALL_OPS (READS | PREFETCHES | 1 << PERF_COUNT_HW_CACHE_OP_WRITE)
static const unsigned int ops_of[] = {
	[PERF_COUNT_HW_CACHE_L1D] = ALL_OPS, [PERF_COUNT_HW_CACHE_L1I] = READS | PREFETCHES,
	[PERF_COUNT_HW_CACHE_LL] = ALL_OPS,  [PERF_COUNT_HW_CACHE_DTLB] = ALL_OPS,
	[PERF_COUNT_HW_CACHE_ITLB] = READS,  [PERF_COUNT_HW_CACHE_BPU] = READS,
	[PERF_COUNT_HW_CACHE_NODE] = ALL_OPS
};

/* Which of @parts @text begins with, up to its end or a '-', the longest; -1: none. */
static int find_part(const struct part *parts, size_t n, const char **text)
{
	size_t longest = 0;
	int found = -1;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < PART_NAMES && parts[i].names[k]; k++) {
			size_t len = strlen(parts[i].names[k]);

			if (len > longest && !strncasecmp(*text, parts[i].names[k], len) &&
			    (!(*text)[len] || (*text)[len] == '-')) {
				longest = len;
				found = i;
			}
		}
	*text += longest;
	return found;
}

static bool parse_cache(const char *text, struct perf_event *e)
{
	int cache = find_part(caches, ARRAY_SIZE(caches), &text), op = -1, result = -1;

	if (cache < 0)
		return false;
	while (*text == '-') {
		int found;

		text++;
		found = op < 0 ? find_part(ops, ARRAY_SIZE(ops), &text) : -1;
		if (found >= 0) {
			op = found;
			continue;
		}
		found = result < 0 ? find_part(results, ARRAY_SIZE(results), &text) : -1;
		if (found < 0)
			return false;
		result = found;
	}
	op = op < 0 ? PERF_COUNT_HW_CACHE_OP_READ : op;
	result = result < 0 ? PERF_COUNT_HW_CACHE_RESULT_ACCESS : result;
	if (*text || !(ops_of[cache] >> op & 1))
		return false;
	e->type = PERF_TYPE_HW_CACHE;
	e->config[0] = cache | op << 8 | result << 16;
	return true;
}

/* "r1a8": the number of the model's own manual. */
static bool parse_raw(const char *text, struct perf_event *e)
{
	size_t digits = strspn(text + 1, "0123456789abcdefABCDEF");

	if (*text != 'r' || !digits || digits > 16 || text[1 + digits])
		return false;
	e->type = PERF_TYPE_RAW;
	e->config[0] = strtoull(text + 1, NULL, 16);
	return true;
}

static bool parse_named(const char *text, struct perf_event *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		const struct named *n = &named[i];

		if (strcmp(text, n->name) && (!n->alias || strcmp(text, n->alias)))
			continue;
		e->type = n->type;
		e->config[0] = n->config;
		return true;
	}
	return false;
}

#define MODIFIERS "ukhHGI"

static int parse_modifiers(const char *mods, struct perf_event *e, struct err *err)
{
	bool user = false, kernel = false, hv = false, host = false, guest = false;

	for (const char *m = mods; *m; m++) {
		switch (*m) {
		case 'u': user = true; break;
		case 'k': kernel = true; break;
		case 'h': hv = true; break;
		case 'H': host = true; break;
		case 'G': guest = true; break;
		case 'I': e->exclude_idle = true; break;
		default:
			return err_say(err, -EINVAL,
				       "event '%s': modifier '%c' is not one of u, k, h, H, G, I",
				       e->name, *m);
		}
	}
	if (user || kernel || hv) {
		e->exclude_user = !user;
		e->exclude_kernel = !kernel;
		e->exclude_hv = !hv;
	}
	if (host != guest) {
		e->exclude_host = !host;
		e->exclude_guest = !guest;
	}
	return 0;
}

/* "cpu/.../": the PMU's name and its terms, cut out of @text; what follows are modifiers. */
static int parse_pmu(const struct perf_event_env *env, char *text, struct perf_event *e,
		     struct err *err)
{
	char *terms = strchr(text, '/'), *end;
	struct err why = { 0 };
	int rc;

	*terms++ = '\0';
	end = strchr(terms, '/');
	if (!end)
		return err_say(err, -EINVAL, "event '%s': there is no second '/'", e->name);
	*end++ = '\0';
	if (*end == ':')
		end++;
	rc = parse_modifiers(end, e, err);
	if (rc)
		return rc;
	rc = perf_pmu_terms(env->pmus, text, terms, e, &why);
	return rc ? err_say(err, rc, "event '%s': %s", e->name, why.text) : 0;
}

static int parse_name(const struct perf_event_env *env, const char *text, struct perf_event *e,
		      struct err *err)
{
	struct err why = { 0 };
	const char *terms, *lacks = NULL;
	int rc;

	if (parse_named(text, e) || parse_cache(text, e) || parse_raw(text, e))
		return 0;
	terms = perf_preset_terms(env->cpuinfo, text, &lacks);
	if (lacks)
		return err_say(err, -ENOENT, "event '%s': %s", text, lacks);
	if (!terms && perf_pmu_has_event(env->pmus, "cpu", text))
		terms = text;
	if (!terms)
		return err_say(err, -EINVAL, "there is no event '%s'; see perf list", text);
	rc = perf_pmu_terms(env->pmus, "cpu", terms, e, &why);
	return rc ? err_say(err, rc, "event '%s': %s", text, why.text) : 0;
}

int perf_event_parse(const struct perf_event_env *env, const char *text, struct perf_event *ret,
		     struct err *err)
{
	struct perf_event e = { 0 };
	char copy[512], *colon;
	int rc;

	if (!*text || strlen(text) >= sizeof(copy))
		return err_say(err, -EINVAL, "an event's name has 1 to %zu characters",
			       sizeof(copy) - 1);
	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(e.name, sizeof(e.name), "%s", text);
	if (strchr(copy, '/')) {
		rc = parse_pmu(env, copy, &e, err);
	} else {
		colon = strchr(copy, ':');
		if (colon)
			*colon++ = '\0';
		rc = parse_name(env, copy, &e, err);
		if (!rc && colon)
			rc = parse_modifiers(colon, &e, err);
		else if (rc == -EINVAL && colon && strlen(colon) > strspn(colon, MODIFIERS))
			rc = err_say(err, rc,
				     "event '%s': there is none, and tracepoints are not counted",
				     text);
	}
	if (!rc)
		*ret = e;
	return rc;
}

bool perf_event_is_switches(const struct perf_event *e)
{
	return e->type == PERF_TYPE_SOFTWARE && e->config[0] == PERF_COUNT_SW_CONTEXT_SWITCHES &&
	       !e->exclude_kernel && !e->exclude_host;
}

bool perf_event_is_hardware(const struct perf_event *e)
{
	return e->type != PERF_TYPE_SOFTWARE;
}

int perf_event_open_cpu(const struct perf_event *e, int cpu, int cgroup_fd)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = e->type,
		.config = e->config[0],
		.config1 = e->config[1],
		.config2 = e->config[2],
		.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
		.exclude_user = e->exclude_user,
		.exclude_kernel = e->exclude_kernel,
		.exclude_hv = e->exclude_hv,
		.exclude_idle = e->exclude_idle,
		.exclude_host = e->exclude_host,
		.exclude_guest = e->exclude_guest,
	};
	unsigned long flags = PERF_FLAG_FD_CLOEXEC | (cgroup_fd < 0 ? 0 : PERF_FLAG_PID_CGROUP);
	long fd =
		syscall(SYS_perf_event_open, &attr, cgroup_fd < 0 ? -1 : cgroup_fd, cpu, -1, flags);

	return fd < 0 ? -errno : (int)fd;
}

int perf_event_read(int fd, struct perf_count *ret)
{
	struct perf_count count;
	ssize_t n = read(fd, &count, sizeof(count));

	if (n != (ssize_t)sizeof(count))
		return n < 0 ? -errno : -EIO;
	*ret = count;
	return 0;
}

bool perf_event_has_no_counter(const struct perf_event *e, int code)
{
	return perf_event_is_hardware(e) &&
	       (code == -ENOENT || code == -ENODEV || code == -EOPNOTSUPP || code == -EINVAL);
}

const char *perf_event_why(const struct perf_event *e, int code)
{
	if (perf_event_has_no_counter(e, code))
		return "this host has no hardware counter for it; in a virtual machine, give the "
		       "guest a virtual PMU";
	switch (-code) {
	case EACCES:
	case EPERM:
		return "the kernel does not let us: run as root, or set sysctl "
		       "kernel.perf_event_paranoid=-1";
	case EMFILE:
	case ENFILE: return "too many open files; raise the limit (ulimit -n)";
	case ENOENT:
	case EINVAL: return "this kernel does not count it";
	default: return strerror(-code);
	}
}
