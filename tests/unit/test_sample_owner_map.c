// SPDX-License-Identifier: Apache-2.0
/* Whose I/O it is: every way a cgroup can be told to be somebody's, and what is held back. */
#include "sample/owner_map.h"

#include <errno.h>
#include <linux/types.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/owner.h"
#include "shared/block.h"

#define WEB_ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	uint64_t id;
	const char *path;
} cgroups[] = {
	{ 100, "/docker/" WEB_ID },
	{ 101, "/docker/" WEB_ID "/init.scope" },
	{ 200, "/cbpf/run/load" },
	{ 201, "/cbpf/run/load/child/grandchild" },
	{ 202, "/cbpf/run/loader" },
	{ 203, "/cbpf/run/load/inner" },
	{ 300, "/system.slice/cron.service" },
	{ 301, "/system.slice/cron.service" }, /* the same one, made anew */
	{ 400, "/docker" },
	{ 500, "/machine/libpod-" WEB_ID ".scope/container" },
};

static atomic_int walks;
static atomic_bool walks_blocked;

/* Stands in for the host's walk. */
int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size)
{
	(void)l;
	(void)io;
	while (atomic_load(&walks_blocked))
		sched_yield();
	for (size_t i = 0; i < ARRAY_SIZE(cgroups); i++) {
		if (cgroups[i].id == id) {
			snprintf(path, size, "%s", cgroups[i].path);
			atomic_fetch_add(&walks, 1);
			return 0;
		}
	}
	atomic_fetch_add(&walks, 1);
	return -ENOENT;
}

static struct owner_table owners;
static struct target targets[3];
static struct target_set set = { targets, 2 };
static struct cgroup_layout layout;
static struct owner_map *map;

enum { WEB, LOAD, INNER };

#define LAST_NOBODY (2 + OWNER_REASONS - 1) /* of two targets; strangers come behind */

static void publish(struct target *t, const char *path, uint64_t id)
{
	/* Directories need not exist: only their names matter here. */
	strcpy(t->cg.v2, layout.v2);
	strcat(t->cg.v2, path);
	t->cg.io_id = id;
	atomic_store(&t->published, true);
}

static int setup(void **state)
{
	struct collector_env env = { .targets = &set, .cgroups = &layout, .owners = &owners };
	struct err err = { 0 };

	(void)state;
	memset(targets, 0, sizeof(targets));
	strcpy(targets[WEB].name, "web");
	strcpy(targets[WEB].container_id, WEB_ID);
	strcpy(targets[LOAD].name, "load");
	strcpy(targets[INNER].name, "inner");
	set.n = 2;
	layout = (struct cgroup_layout){ .mode = CGROUP_V2, .io_on_v2 = true };
	strcpy(layout.v2, "/tmp");
	atomic_store(&walks, 0);
	atomic_store(&walks_blocked, false);
	owner_table_init(&owners, &set);
	return owner_map_open(&env, &map, &err);
}

static int teardown(void **state)
{
	(void)state;
	atomic_store(&walks_blocked, false);
	owner_map_close(map);
	return 0;
}

/* What follows happens while targets are started. */
static void pass_first_sweep(void)
{
	owner_map_sweep(map);
}

/* Add @id, wait until the answer for its path is there, and ask after one sweep. */
static int ask(uint64_t id, const char *name, bool last)
{
	static uint64_t behind = 100000;
	int want = atomic_load(&walks) + 2, handle = owner_map_add(map, id, name, BLOCK_WHY_OWNED);

	/* Questions are answered in turn: a later one's walk means that ours is done. */
	owner_map_add(map, behind++, "", BLOCK_WHY_OWNED);
	while (atomic_load(&walks) < want)
		sched_yield();
	owner_map_sweep(map);
	return owner_map_get(map, handle, last);
}

static void targets_by_id_path_and_name(void **state)
{
	(void)state;
	publish(&targets[WEB], "/docker/" WEB_ID, 100);
	publish(&targets[LOAD], "/cbpf/run/load", 200);
	/* its own cgroup */
	assert_int_equal(ask(100, WEB_ID, false), WEB);
	assert_int_equal(ask(200, "load", false), LOAD);
	/* below it, at any depth */
	assert_int_equal(ask(101, "init.scope", false), WEB);
	assert_int_equal(ask(201, "grandchild", false), LOAD);
	/* a name that only begins the same is another cgroup */
	assert_true(ask(202, "loader", true) > LAST_NOBODY);
}

static void names_tell_when_nothing_else_does(void **state)
{
	(void)state;
	/* Not published, cgroup gone: the recorded name holds the container's id. */
	assert_int_equal(ask(900, WEB_ID, false), WEB);
	assert_int_equal(ask(901, "docker-" WEB_ID ".scope", false), WEB);
	assert_int_equal(ask(902, "libpod-" WEB_ID, false), WEB);
	/* A cgroup inside it: the path does. */
	assert_int_equal(ask(500, "container", false), WEB);
}

static void the_innermost_target_owns(void **state)
{
	(void)state;
	set.n = 3;
	publish(&targets[LOAD], "/cbpf/run/load", 200);
	publish(&targets[INNER], "/cbpf/run/load/child", 204);
	assert_int_equal(ask(201, "grandchild", false), INNER);
	assert_int_equal(ask(203, "inner", false), LOAD);
}

static void the_root_is_the_host(void **state)
{
	struct stat st;
	int host, handle;

	(void)state;
	assert_int_equal(stat(layout.v2, &st), 0);
	handle = owner_map_add(map, st.st_ino, "", BLOCK_WHY_OWNED);
	host = owner_map_get(map, handle, false);
	assert_int_equal(owners.v[host].kind, OWNER_HOST);
	assert_string_equal(owners.v[host].name, "host");
	/* The same cgroup has the same handle. */
	assert_int_equal(owner_map_add(map, st.st_ino, "", BLOCK_WHY_OWNED), handle);
}

static void nobodys_by_reason(void **state)
{
	static const struct {
		enum block_why why;
		int owner;
		const char *sentence;
	} cases[] = {
		{ BLOCK_WHY_NO_CGROUP, 2, "charged to no cgroup" },
		{ BLOCK_WHY_METADATA, 3, "the file system's own" },
		{ BLOCK_WHY_WRITEBACK, 4, "of pages that somebody has dirtied" },
	};
	int handle[ARRAY_SIZE(cases)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		handle[i] = owner_map_add(map, 0, "", cases[i].why);
	owner_map_sweep(map);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		/* Known at once, whatever targets are still to come. */
		assert_int_equal(owner_map_get(map, handle[i], false), cases[i].owner);
		assert_int_equal(owners.v[cases[i].owner].kind, OWNER_UNATTRIBUTED);
		/* The same reason has the same handle, another one has not. */
		assert_int_equal(owner_map_add(map, 0, "", cases[i].why), handle[i]);
		assert_true(i == 0 || handle[i] != handle[i - 1]);
	}
	assert_int_equal(owner_map_nobody(map, BLOCK_WHY_NO_CGROUP), 2);
	assert_int_equal(owner_map_nobody(map, BLOCK_WHY_WRITEBACK), 4);
}

static void found_are_those_added(void **state)
{
	int handle;

	(void)state;
	assert_int_equal(owner_map_find(map, 200), -ENOENT);
	handle = owner_map_add(map, 200, "load", BLOCK_WHY_OWNED);
	owner_map_add(map, 202, "loader", BLOCK_WHY_OWNED);
	assert_int_equal(owner_map_find(map, 200), handle);
	assert_int_equal(owner_map_find(map, 201), -ENOENT);
}

static void those_not_told_apart_share_an_owner(void **state)
{
	size_t before = atomic_load(&owners.n);
	int others;

	(void)state;
	others = owner_map_others(map);
	assert_string_equal(owners.v[others].name, "more owners");
	assert_int_equal(owners.v[others].kind, OWNER_CGROUP);
	assert_int_equal(owner_map_others(map), others);
	/* Made when first asked for, and once. */
	assert_int_equal(atomic_load(&owners.n), before + 1);
}

static void others_are_rows_by_path_or_name(void **state)
{
	int a, b;

	(void)state;
	publish(&targets[WEB], "/docker/" WEB_ID, 100);
	atomic_store(&targets[LOAD].gone, true);
	a = ask(300, "cron.service", false);
	assert_true(a > LAST_NOBODY);
	assert_string_equal(owners.v[a].name, "/system.slice/cron.service");
	assert_int_equal(owners.v[a].kind, OWNER_CGROUP);
	assert_int_equal(owners.v[a].cgroup_id, 300);
	assert_int_equal(ask(301, "cron.service", false), a);
	/* Gone before it could be looked up. */
	b = ask(999, "short-lived", false);
	assert_string_equal(owners.v[b].name, "short-lived");
	b = ask(998, "", false);
	assert_string_equal(owners.v[b].name, "cgroup 998");
}

static void strangers_wait_while_a_target_is_unknown(void **state)
{
	int handle, sweeps = 1;

	(void)state;
	pass_first_sweep();
	/* "load" will be published later, and is not to be taken for a stranger. */
	publish(&targets[WEB], "/docker/" WEB_ID, 100);
	assert_int_equal(ask(200, "load", false), -EAGAIN);
	assert_int_equal(ask(300, "cron.service", false), -EAGAIN);
	publish(&targets[LOAD], "/cbpf/run/load", 200);
	owner_map_sweep(map);
	assert_int_equal(
		owner_map_get(map, owner_map_add(map, 200, "load", BLOCK_WHY_OWNED), false), LOAD);
	/* All are known now: the stranger is one. */
	assert_true(owner_map_get(map, owner_map_add(map, 300, "", BLOCK_WHY_OWNED), false) >
		    LAST_NOBODY);

	/* A target that starts much later holds nobody back for long. */
	atomic_store(&targets[LOAD].published, false);
	handle = owner_map_add(map, 202, "loader", BLOCK_WHY_OWNED);
	ask(999, "", false);
	while (owner_map_get(map, handle, false) == -EAGAIN) {
		owner_map_sweep(map);
		assert_true(++sweeps <= OWNER_MAP_HOLD);
	}
	assert_int_equal(sweeps, OWNER_MAP_HOLD);
}

static void a_stranger_becomes_a_target(void **state)
{
	int own;

	(void)state;
	own = ask(200, "load", true);
	assert_true(own > LAST_NOBODY);
	publish(&targets[LOAD], "/cbpf/run/load", 200);
	owner_map_sweep(map);
	assert_int_equal(
		owner_map_get(map, owner_map_add(map, 200, "load", BLOCK_WHY_OWNED), false), LOAD);
}

static void the_last_sweep_waits_for_nothing(void **state)
{
	int handle, owner;

	(void)state;
	pass_first_sweep();
	atomic_store(&walks_blocked, true);
	handle = owner_map_add(map, 300, "cron.service", BLOCK_WHY_OWNED);
	owner_map_sweep(map);
	assert_int_equal(owner_map_get(map, handle, false), -EAGAIN);
	owner = owner_map_get(map, handle, true);
	assert_true(owner > LAST_NOBODY);
	assert_string_equal(owners.v[owner].name, "cron.service");
}

static void the_first_sweep_holds_nothing_back(void **state)
{
	int handle, owner;

	(void)state;
	owner_map_sweep(map);
	handle = owner_map_add(map, 300, "cron.service", 0);
	owner = owner_map_get(map, handle, false);
	assert_true(owner > 2);
	assert_string_equal(owners.v[owner].name, "/system.slice/cron.service");
	/* Nor does it wait for ever. */
	atomic_store(&walks_blocked, true);
	handle = owner_map_add(map, 202, "loader", 0);
	owner = owner_map_get(map, handle, false);
	assert_true(owner > 2);
	assert_string_equal(owners.v[owner].name, "loader");
}

static void a_target_in_the_root_does_not_own_the_host(void **state)
{
	struct stat st;
	int owner;

	(void)state;
	assert_int_equal(stat(layout.v2, &st), 0);
	publish(&targets[WEB], "", st.st_ino);
	publish(&targets[LOAD], "/", 0);
	owner_map_sweep(map);
	owner = owner_map_get(map, owner_map_add(map, st.st_ino, "", BLOCK_WHY_OWNED), false);
	assert_int_equal(owners.v[owner].kind, OWNER_HOST);
	owner = ask(300, "cron.service", false);
	assert_int_equal(owners.v[owner].kind, OWNER_CGROUP);
}

static void an_ancestor_that_is_charged_is_its_own_row(void **state)
{
	int row;

	(void)state;
	publish(&targets[WEB], "/docker/" WEB_ID, 400);
	publish(&targets[LOAD], "/docker/load", 400);
	for (size_t i = WEB; i <= LOAD; i++)
		targets[i].cg.io_above = strlen("/tmp/docker");
	row = ask(400, "docker", false);
	assert_true(row > 2);
	assert_int_equal(owners.v[row].kind, OWNER_CGROUP);
	assert_string_equal(owners.v[row].name, "/docker");
}

static void one_named_after_the_container_is_the_containers(void **state)
{
	(void)state;
	publish(&targets[WEB], "/machine/libpod-" WEB_ID ".scope/container", 501);
	targets[WEB].cg.io_above = strlen("/tmp/machine/libpod-" WEB_ID ".scope");
	assert_int_equal(ask(501, "libpod-" WEB_ID ".scope", false), WEB);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(targets_by_id_path_and_name),
		CASE(names_tell_when_nothing_else_does),
		CASE(the_innermost_target_owns),
		CASE(nobodys_by_reason),
		CASE(found_are_those_added),
		CASE(those_not_told_apart_share_an_owner),
		CASE(the_root_is_the_host),
		CASE(others_are_rows_by_path_or_name),
		CASE(strangers_wait_while_a_target_is_unknown),
		CASE(a_stranger_becomes_a_target),
		CASE(the_last_sweep_waits_for_nothing),
		CASE(the_first_sweep_holds_nothing_back),
		CASE(a_target_in_the_root_does_not_own_the_host),
		CASE(an_ancestor_that_is_charged_is_its_own_row),
		CASE(one_named_after_the_container_is_the_containers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
