/* SPDX-License-Identifier: Apache-2.0 */
/* A model of the kernel's resctrl: groups, tasks, schemata, RMIDs and counters. No file system yet. */
#ifndef CBPF_TESTS_FUSE_RESCTRL_H
#define CBPF_TESTS_FUSE_RESCTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAKE_NAME 128
#define FAKE_GROUPS 64
#define FAKE_DOMAINS 8
#define FAKE_TEXT 65536

enum { FAKE_OCCUPANCY, FAKE_TOTAL, FAKE_LOCAL, FAKE_EVENTS };
extern const char *const fake_events[FAKE_EVENTS];

struct fake_host {
	unsigned int domains; /* L3 caches */
	unsigned int nodes; /* SNC: nodes in each, 1: off */
	unsigned int first_domain, domain_step; /* ids need not be 0, 1, 2 */
	unsigned int rmids, closids;
	unsigned int cbm, min_bits;
	bool cdp, sparse, no_mba, no_alloc, no_mon, no_occupancy, amd, mbps;
	bool limbo; /* freed RMIDs stay in use */
};
extern struct fake_host fake_host;

struct fake_group {
	bool used, mon; /* @mon: in mon_groups of @parent */
	char name[FAKE_NAME]; /* "" is the default group's */
	int parent; /* index */
	unsigned int closid, rmid;
	uint64_t count[FAKE_DOMAINS][FAKE_EVENTS];
	char said[FAKE_DOMAINS][FAKE_EVENTS][24]; /* in place of numbers */
};
extern struct fake_group fake_groups[FAKE_GROUPS]; /* 0: the default group */
extern char fake_status[512]; /* info/last_cmd_status */

void fake_begin(void);
/* Index of a group, or -ENOENT. @class "" and @mon NULL: the default one. */
int fake_find(const char *class, const char *mon);
/* 0 or -errno, as mkdir(2), rmdir(2) and write(2) of the kernel's. */
int fake_make(const char *class, const char *mon);
int fake_remove(int g);
/* @caller: the task that writes, which 0 stands for. */
int fake_write_tasks(int g, const char *text, pid_t caller);
int fake_write_schemata(int g, const char *text, size_t len);
/* "CLASS/MON DOMAIN EVENT VALUE": what a counter says from now on; a number is where it goes on. */
int fake_write_set(const char *text);

void fake_show_tasks(int g, char *text);
void fake_show_schemata(int g, bool sizes, char *text);
/* @node: of SNC, -1 the sum. Counters move with each look, as far as the group has tasks. */
void fake_show_event(int g, unsigned int domain, int node, int event, char *text);

/* Who is where: tasks that nobody moved are where their parents were. */
void fake_tasks_move(pid_t tid, unsigned int closid, unsigned int rmid);
void fake_tasks_leave(unsigned int closid, unsigned int rmid, bool all_of_closid);
bool fake_tasks_in(pid_t tid, unsigned int *ret_closid, unsigned int *ret_rmid);
size_t fake_tasks_list(bool mon, unsigned int closid, unsigned int rmid, char *text);

#endif
