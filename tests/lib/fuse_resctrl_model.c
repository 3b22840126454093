// SPDX-License-Identifier: Apache-2.0
/* Groups, schemata and counters as the kernel keeps them, without its hardware. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuse_resctrl.h"

#define MAX_CLOSIDS 16
#define CACHE_BYTES (1u << 20) /* of one bit of the mask */

const char *const fake_events[FAKE_EVENTS] = { "llc_occupancy", "mbm_total_bytes",
					       "mbm_local_bytes" };
struct fake_host fake_host = { .domains = 2,
			       .nodes = 1,
			       .domain_step = 1,
			       .rmids = 8,
			       .closids = 4,
			       .cbm = 0xfffff,
			       .min_bits = 1 };
struct fake_group fake_groups[FAKE_GROUPS];
char fake_status[512];

static unsigned int masks[MAX_CLOSIDS][2][FAKE_DOMAINS], mba[MAX_CLOSIDS][FAKE_DOMAINS];
static unsigned int limbo;

/* The least, and the step, of memory bandwidth. */
static unsigned int mba_step(void)
{
	return fake_host.amd ? 1 : 10;
}

static unsigned int full_mba(void)
{
	return fake_host.mbps ? UINT32_MAX : fake_host.amd ? 2048 : 100;
}

static void reset_closid(unsigned int closid)
{
	for (unsigned int d = 0; d < FAKE_DOMAINS; d++) {
		masks[closid][0][d] = masks[closid][1][d] = fake_host.cbm;
		mba[closid][d] = full_mba();
	}
}

void fake_begin(void)
{
	fake_groups[0].used = true;
	reset_closid(0);
	strcpy(fake_status, "ok\n");
}

int fake_find(const char *class, const char *mon)
{
	int parent = -ENOENT;

	for (int i = 0; i < FAKE_GROUPS; i++)
		if (fake_groups[i].used && !fake_groups[i].mon &&
		    !strcmp(fake_groups[i].name, class))
			parent = i;
	if (!mon || parent < 0)
		return parent;
	for (int i = 0; i < FAKE_GROUPS; i++)
		if (fake_groups[i].used && fake_groups[i].mon && fake_groups[i].parent == parent &&
		    !strcmp(fake_groups[i].name, mon))
			return i;
	return -ENOENT;
}

static int refuse(int rc, const char *why)
{
	snprintf(fake_status, sizeof(fake_status), "%s\n", why);
	return rc;
}

/* RMID 0 is the default group's; the model gives control groups none of their own to tell by. */
static int take_rmid(unsigned int *ret)
{
	unsigned int used = limbo;
	bool taken[FAKE_GROUPS] = { true };

	for (int i = 0; i < FAKE_GROUPS; i++) {
		used += fake_groups[i].used;
		if (fake_groups[i].used)
			taken[fake_groups[i].rmid] = true;
	}
	if (used >= fake_host.rmids)
		return refuse(limbo ? -EBUSY : -ENOSPC, "Out of RMIDs");
	for (*ret = 1; taken[*ret]; (*ret)++)
		;
	return 0;
}

static int take_closid(unsigned int *ret)
{
	bool taken[MAX_CLOSIDS] = { true };

	for (int i = 0; i < FAKE_GROUPS; i++)
		if (fake_groups[i].used && !fake_groups[i].mon)
			taken[fake_groups[i].closid] = true;
	for (*ret = 0; *ret < fake_host.closids && *ret < MAX_CLOSIDS; (*ret)++)
		if (!taken[*ret])
			return 0;
	return refuse(-ENOSPC, "Out of CLOSIDs");
}

int fake_make(const char *class, const char *mon)
{
	struct fake_group g = { .used = true, .mon = mon };
	int at = 0, rc = 0;

	strcpy(fake_status, "ok\n");
	if (mon ? fake_host.no_mon : fake_host.no_alloc)
		return -EPERM;
	while (at < FAKE_GROUPS && fake_groups[at].used)
		at++;
	if (at == FAKE_GROUPS)
		return -ENOMEM;
	snprintf(g.name, sizeof(g.name), "%s", mon ? mon : class);
	if (!fake_host.no_mon)
		rc = take_rmid(&g.rmid);
	if (!rc && mon) {
		g.parent = fake_find(class, NULL);
		g.closid = fake_groups[g.parent].closid;
	} else if (!rc) {
		rc = take_closid(&g.closid);
	}
	if (rc)
		return rc;
	if (!mon)
		reset_closid(g.closid);
	fake_groups[at] = g;
	return 0;
}

static void drop(int g)
{
	fake_tasks_leave(fake_groups[g].closid, fake_groups[g].rmid, !fake_groups[g].mon);
	fake_groups[g] = (struct fake_group){ 0 };
	limbo += fake_host.limbo;
}

int fake_remove(int g)
{
	strcpy(fake_status, "ok\n");
	if (!g)
		return -EPERM;
	for (int i = 0; i < FAKE_GROUPS && !fake_groups[g].mon; i++)
		if (fake_groups[i].used && fake_groups[i].mon && fake_groups[i].parent == g)
			drop(i);
	drop(g);
	return 0;
}

static int move_task(int g, const char *word, pid_t caller)
{
	unsigned int closid, rmid;
	char *end, why[128];
	long tid = strtol(word, &end, 0);

	if (!*word || *end || tid < 0) {
		snprintf(why, sizeof(why), "Task list parsing error pid %.60s", word);
		return refuse(-EINVAL, why);
	}
	if (!tid)
		tid = caller;
	if (!fake_tasks_in((pid_t)tid, &closid, &rmid)) {
		snprintf(why, sizeof(why), "No task %ld", tid);
		return refuse(-ESRCH, why);
	}
	if (fake_groups[g].mon && closid != fake_groups[g].closid)
		return refuse(-EINVAL, "Can't move task to different control group");
	fake_tasks_move((pid_t)tid, fake_groups[g].closid,
			fake_groups[g].mon ? fake_groups[g].rmid : 0);
	return 0;
}

int fake_write_tasks(int g, const char *text, pid_t caller)
{
	char words[4096], *save = NULL;
	int rc = 0;

	strcpy(fake_status, "ok\n");
	snprintf(words, sizeof(words), "%s", text);
	for (char *w = strtok_r(words, ", \n", &save); w && !rc; w = strtok_r(NULL, ", \n", &save))
		rc = move_task(g, w, caller);
	return rc;
}

static int check_mask(const char *text, unsigned int *ret)
{
	unsigned long mask, run;
	char *end, why[128];

	mask = strtoul(text, &end, 16);
	if (!*text || *end) {
		snprintf(why, sizeof(why), "Non-hex character in the mask %.60s", text);
		return refuse(-EINVAL, why);
	}
	if ((!mask && fake_host.min_bits) || mask > fake_host.cbm)
		return refuse(-EINVAL, "Mask out of range");
	run = mask ? mask >> __builtin_ctzl(mask) : 0;
	if (!fake_host.sparse && (run & (run + 1))) {
		snprintf(why, sizeof(why), "The mask %lx has non-consecutive 1-bits", mask);
		return refuse(-EINVAL, why);
	}
	if ((unsigned int)__builtin_popcountl(mask) < fake_host.min_bits) {
		snprintf(why, sizeof(why), "Need at least %u bits in the mask", fake_host.min_bits);
		return refuse(-EINVAL, why);
	}
	*ret = (unsigned int)mask;
	return 0;
}

static int check_mba(const char *text, unsigned int *ret)
{
	unsigned long bw;
	char *end, why[128];

	bw = strtoul(text, &end, 10);
	if (!*text || *end) {
		snprintf(why, sizeof(why), "Invalid MB value %.60s", text);
		return refuse(-EINVAL, why);
	}
	if (!fake_host.mbps && (bw < mba_step() || bw > full_mba())) {
		snprintf(why, sizeof(why), "MB value %lu out of range [%u,%u]", bw, mba_step(),
			 full_mba());
		return refuse(-EINVAL, why);
	}
	*ret = (unsigned int)(fake_host.mbps ? bw
					     : (bw + mba_step() - 1) / mba_step() * mba_step());
	return 0;
}

/* "0=f" of one resource: its place is @to, an array over domains. */
static int write_domain(const char *text, bool bandwidth, unsigned int *to, bool *given)
{
	unsigned int at;
	char *end;
	unsigned long id = strtoul(text, &end, 10);

	if (end == text || *end != '=')
		return refuse(-EINVAL, "Missing '=' or non-numeric domain");
	at = (unsigned int)(id - fake_host.first_domain) / fake_host.domain_step;
	if (id < fake_host.first_domain || (id - fake_host.first_domain) % fake_host.domain_step ||
	    at >= fake_host.domains)
		return -EINVAL;
	if (given[at])
		return refuse(-EINVAL, "Duplicate domain");
	given[at] = true;
	return bandwidth ? check_mba(end + 1, &to[at]) : check_mask(end + 1, &to[at]);
}

static int write_line(char *line, unsigned int m[2][FAKE_DOMAINS], unsigned int *b)
{
	char *colon = strchr(line, ':'), *save = NULL, why[128];
	bool code, data, bandwidth, given[FAKE_DOMAINS] = { false };
	int rc = 0;

	if (!colon)
		return refuse(-EINVAL, "Missing ':'");
	*colon++ = '\0';
	line += strspn(line, " ");
	code = !strcmp(line, fake_host.cdp ? "L3CODE" : "L3");
	data = fake_host.cdp && !strcmp(line, "L3DATA");
	bandwidth = !fake_host.no_mba && !strcmp(line, "MB");
	if (!*colon) {
		snprintf(why, sizeof(why), "Missing '%.60s' value", line);
		return refuse(-EINVAL, why);
	}
	if (!code && !data && !bandwidth) {
		snprintf(why, sizeof(why), "Unknown or unsupported resource name '%.60s'", line);
		return refuse(-EINVAL, why);
	}
	for (char *w = strtok_r(colon, ";", &save); w && !rc; w = strtok_r(NULL, ";", &save))
		rc = write_domain(w, bandwidth, bandwidth ? b : m[data], given);
	return rc;
}

int fake_write_schemata(int g, const char *text, size_t len)
{
	unsigned int closid = fake_groups[g].closid, m[2][FAKE_DOMAINS], b[FAKE_DOMAINS];
	char lines[4096], *save = NULL;
	int rc = 0;

	if (!len || text[len - 1] != '\n' || len >= sizeof(lines))
		return -EINVAL;
	strcpy(fake_status, "ok\n");
	memcpy(lines, text, len);
	lines[len] = '\0';
	memcpy(m, masks[closid], sizeof(m));
	memcpy(b, mba[closid], sizeof(b));
	for (char *l = strtok_r(lines, "\n", &save); l && !rc; l = strtok_r(NULL, "\n", &save))
		rc = write_line(l, m, b);
	if (rc)
		return rc; /* nothing of it holds */
	memcpy(masks[closid], m, sizeof(m));
	memcpy(mba[closid], b, sizeof(b));
	return 0;
}

int fake_write_set(const char *text)
{
	char class[FAKE_NAME], mon[FAKE_NAME] = "", event[32], value[24], *slash;
	unsigned int domain;
	int g;

	if (sscanf(text, "%127s %u %31s %23s", class, &domain, event, value) != 4 ||
	    domain >= fake_host.domains)
		return -EINVAL;
	slash = strchr(class, '/');
	if (slash) {
		strcpy(mon, slash + 1);
		*slash = '\0';
	}
	g = fake_find(class, *mon ? mon : NULL);
	for (int e = 0; g >= 0 && e < FAKE_EVENTS; e++) {
		char *said = fake_groups[g].said[domain][e];

		if (strcmp(event, fake_events[e]))
			continue;
		*said = '\0';
		if (value[0] >= '0' && value[0] <= '9')
			fake_groups[g].count[domain][e] = strtoull(value, NULL, 10);
		else if (strcmp(value, "-") != 0)
			strcpy(said, value);
		return 0;
	}
	return g < 0 ? g : -EINVAL;
}

void fake_show_tasks(int g, char *text)
{
	*text = '\0';
	/* Without allocation the kernel's control groups list nobody. */
	if (fake_groups[g].mon || !fake_host.no_alloc)
		(void)fake_tasks_list(fake_groups[g].mon, fake_groups[g].closid,
				      fake_groups[g].rmid, text);
}

static unsigned int id_of(unsigned int domain)
{
	return fake_host.first_domain + domain * fake_host.domain_step;
}

static size_t show_line(char *text, const char *name, const unsigned int *v, bool sizes, bool hex)
{
	size_t len = (size_t)sprintf(text, "%*s:", sizes ? 0 : 8, name);

	for (unsigned int d = 0; d < fake_host.domains; d++) {
		len += (size_t)sprintf(text + len, "%s%u=", d ? ";" : "", id_of(d));
		if (sizes && hex)
			len += (size_t)sprintf(text + len, "%u",
					       __builtin_popcount(v[d]) * CACHE_BYTES);
		else
			len += (size_t)sprintf(text + len, hex ? "%x" : "%4u", v[d]);
	}
	return len + (size_t)sprintf(text + len, "\n");
}

void fake_show_schemata(int g, bool sizes, char *text)
{
	unsigned int closid = fake_groups[g].closid;

	text += show_line(text, fake_host.cdp ? "L3CODE" : "L3", masks[closid][0], sizes, true);
	if (fake_host.cdp)
		text += show_line(text, "L3DATA", masks[closid][1], sizes, true);
	if (!fake_host.no_mba)
		text += show_line(text, "MB", mba[closid], sizes, false);
}

/* What its tasks do until the next look. */
static uint64_t look(int g, unsigned int domain, int event)
{
	static const uint64_t each[FAKE_EVENTS] = { 256 << 10, 1 << 20, 512 << 10 };
	uint64_t n = fake_tasks_list(true, fake_groups[g].closid,
				     fake_groups[g].mon ? fake_groups[g].rmid : 0, NULL);
	uint64_t *count = &fake_groups[g].count[domain][event];

	if (event == FAKE_OCCUPANCY)
		*count = n ? n * each[event] : *count;
	else
		*count += n * each[event];
	return *count;
}

void fake_show_event(int g, unsigned int domain, int node, int event, char *text)
{
	uint64_t v = look(g, domain, event), part = v / fake_host.nodes;

	for (int i = 0; i < FAKE_GROUPS && !fake_groups[g].mon; i++)
		if (fake_groups[i].used && fake_groups[i].mon && fake_groups[i].parent == g)
			v += look(i, domain, event);
	if (fake_groups[g].said[domain][event][0])
		sprintf(text, "%s\n", fake_groups[g].said[domain][event]);
	else if (node < 0)
		sprintf(text, "%llu\n", (unsigned long long)v);
	else
		sprintf(text, "%llu\n",
			(unsigned long long)(node ? part : v - part * (fake_host.nodes - 1)));
}
