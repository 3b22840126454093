// SPDX-License-Identifier: Apache-2.0
#include "symbol/space.h"

#include <stdio.h>
#include <string.h>

#include "fake_random.h"
#include "unit.h"

/* What was told of processes. */
struct told {
	char unknown[256], files[256];
};

static void on_unknown(void *arg, uint32_t tgid)
{
	struct told *t = arg;
	size_t len = strlen(t->unknown);

	snprintf(t->unknown + len, sizeof(t->unknown) - len, "%u ", tgid);
}

static void on_file(void *arg, uint32_t target, uint32_t tgid, const struct space_map *map)
{
	struct told *t = arg;
	size_t len = strlen(t->files);

	snprintf(t->files + len, sizeof(t->files) - len, "%u:%u:%s ", target, tgid, map->path);
}

static struct spaces *begin(struct told *told)
{
	const struct space_calls calls = { .unknown = on_unknown, .file = on_file, .arg = told };
	struct spaces *s;

	memset(told, 0, sizeof(*told));
	assert_int_equal(spaces_open(&calls, &s), 0);
	return s;
}

static void map_at(struct spaces *s, uint64_t time, uint32_t tgid, uint64_t start, uint64_t end,
		   uint64_t offset, const char *path)
{
	spaces_feed(s, &(struct space_event){ .time_ns = time,
					      .kind = SPACE_MAP,
					      .tgid = tgid,
					      .start = start,
					      .end = end,
					      .offset = offset,
					      .file = { 8, 1, offset + 1, 2 },
					      .path = path });
}

static void happens(struct spaces *s, uint64_t time, enum space_event_kind kind, uint32_t tgid,
		    uint32_t parent)
{
	spaces_feed(s, &(struct space_event){
			       .time_ns = time, .kind = kind, .tgid = tgid, .parent = parent });
}

static void seen(struct spaces *s, uint64_t time, uint32_t tgid, uint32_t target)
{
	spaces_feed(s, &(struct space_event){ .time_ns = time,
					      .kind = SPACE_SAMPLED,
					      .tgid = tgid,
					      .target = target });
}

static void at_is(struct spaces *s, uint32_t tgid, uint64_t time, uint64_t address,
		  const char *path)
{
	struct space_map map;

	if (!path) {
		assert_false(spaces_find(s, tgid, time, address, &map));
		return;
	}
	assert_true(spaces_find(s, tgid, time, address, &map));
	assert_string_equal(map.path, path);
}

static void a_program_is_where_it_was_mapped(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);
	struct space_map map;

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	map_at(s, 11, 7, 0x1000, 0x3000, 0x200, "/bin/a");
	seen(s, 12, 7, 3);
	map_at(s, 13, 7, 0x8000, 0x9000, 0, "/lib/b");
	assert_true(spaces_find(s, 7, 12, 0x2fff, &map));
	assert_int_equal(map.start, 0x1000);
	assert_int_equal(map.offset, 0x200);
	assert_int_equal(map.file.inode, 0x201);
	assert_int_equal(map.file.major, 8);
	at_is(s, 7, 12, 0x3000, NULL);
	at_is(s, 7, 12, 0x0fff, NULL);
	at_is(s, 7, 12, 0x8000, NULL); /* not yet */
	at_is(s, 7, 13, 0x8000, "/lib/b");
	at_is(s, 8, 13, 0x8000, NULL);
	assert_string_equal(told.files, "3:7:/bin/a 3:7:/lib/b ");
	assert_string_equal(told.unknown, "");
	assert_int_equal(spaces_kept(s), 1);
	spaces_close(s);
}

static void what_lies_over_another_is_found_since_then(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	map_at(s, 11, 7, 0x1000, 0x3000, 0, "/lib/old");
	map_at(s, 20, 7, 0x2000, 0x3000, 0, "/lib/new");
	at_is(s, 7, 15, 0x2000, "/lib/old");
	at_is(s, 7, 20, 0x2000, "/lib/new");
	at_is(s, 7, 20, 0x1fff, "/lib/old");
	spaces_close(s);
}

static void a_child_has_what_its_parent_had_then(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	map_at(s, 11, 7, 0x1000, 0x2000, 0, "/bin/a");
	happens(s, 12, SPACE_FORK, 8, 7);
	map_at(s, 13, 7, 0x3000, 0x4000, 0, "/lib/parent");
	map_at(s, 14, 8, 0x3000, 0x4000, 0, "/lib/child");
	seen(s, 15, 7, 0);
	seen(s, 15, 8, 0);
	at_is(s, 8, 15, 0x1000, "/bin/a");
	at_is(s, 8, 15, 0x3000, "/lib/child");
	at_is(s, 7, 15, 0x3000, "/lib/parent");
	assert_string_equal(told.unknown, "");
	/* A thread is no other process, and does not end one. */
	happens(s, 16, SPACE_FORK, 8, 8);
	happens(s, 17, SPACE_EXIT, 8, 8);
	at_is(s, 8, 18, 0x3000, "/lib/child");
	spaces_close(s);
}

static void another_program_begins_with_nothing(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	map_at(s, 11, 7, 0x1000, 0x2000, 0, "/bin/sh");
	seen(s, 12, 7, 0);
	happens(s, 20, SPACE_EXEC, 7, 0);
	at_is(s, 7, 21, 0x1000, NULL);
	map_at(s, 21, 7, 0x1000, 0x2000, 0, "/bin/dd");
	at_is(s, 7, 22, 0x1000, "/bin/dd");
	at_is(s, 7, 15, 0x1000, "/bin/sh"); /* it was seen at work */
	assert_string_equal(told.files, "0:7:/bin/sh "); /* the other one was not, so far */
	seen(s, 23, 7, 0);
	assert_string_equal(told.files, "0:7:/bin/sh 0:7:/bin/dd ");
	assert_int_equal(spaces_kept(s), 2);
	spaces_close(s);
}

static void a_number_is_used_again(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 5, SPACE_EXEC, 1, 0);
	map_at(s, 6, 1, 0x1000, 0x2000, 0, "/bin/init");
	happens(s, 10, SPACE_FORK, 7, 1);
	seen(s, 11, 7, 0);
	happens(s, 12, SPACE_EXIT, 7, 1);
	happens(s, 20, SPACE_FORK, 7, 1);
	happens(s, 21, SPACE_EXEC, 7, 0);
	map_at(s, 22, 7, 0x1000, 0x2000, 0, "/bin/b");
	at_is(s, 7, 11, 0x1000, "/bin/init");
	at_is(s, 7, 22, 0x1000, "/bin/b");
	/* By a child of who was there before us: what that has is not known yet. */
	happens(s, 30, SPACE_EXIT, 7, 1);
	happens(s, 40, SPACE_FORK, 7, 99);
	at_is(s, 7, 41, 0x1000, NULL);
	seen(s, 42, 7, 0);
	assert_string_equal(told.unknown, "7 ");
	spaces_close(s);
}

static void who_is_never_seen_at_work_is_forgotten(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	map_at(s, 11, 7, 0x1000, 0x2000, 0, "/bin/a");
	happens(s, 12, SPACE_FORK, 7, 7);
	happens(s, 13, SPACE_EXIT, 7, 7);
	at_is(s, 7, 14, 0x1000, "/bin/a"); /* one thread is left */
	happens(s, 15, SPACE_EXIT, 7, 7);
	at_is(s, 7, 14, 0x1000, NULL);
	assert_string_equal(told.files, "");
	assert_int_equal(spaces_kept(s), 0);
	spaces_close(s);
}

static void who_was_there_before_is_asked_for_once(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	map_at(s, 10, 7, 0x1000, 0x2000, 0, "/lib/late"); /* of whom we know the rest not */
	happens(s, 11, SPACE_FORK, 8, 7);
	seen(s, 12, 7, 2);
	seen(s, 13, 7, 2);
	assert_string_equal(told.unknown, "7 ");
	map_at(s, 0, 7, 0x5000, 0x6000, 0, "/bin/old");
	at_is(s, 7, 12, 0x5000, "/bin/old");
	assert_string_equal(told.files, "2:7:/bin/old ");
	seen(s, 14, 8, 2);
	assert_string_equal(told.unknown, "7 8 ");
	spaces_close(s);
}

static void mappings_without_end_are_told(void **state)
{
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 10, SPACE_EXEC, 7, 0);
	for (uint64_t i = 0; i < 10000; i++)
		map_at(s, 11 + i, 7, i << 12, (i + 1) << 12, 0, "//anon");
	assert_int_equal(spaces_forgotten(s), 10000 - 8192);
	at_is(s, 7, 100000, 5ull << 12, "//anon");
	spaces_close(s);
	spaces_close(NULL);
}

/* As going through all of them tells it, whoever has many. */
static void among_many_it_is_the_latest(void **state)
{
	enum { N = 600, ADDRESSES = 200 };
	static const char *const paths[] = { "/0", "/1", "/2", "/3", "/4", "/5", "/6" };
	struct space_map v[N];
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	happens(s, 1, SPACE_EXEC, 7, 0);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t start = random_u64() % ADDRESSES, end = start + 1 + random_u64() % 40;

		/* Some of them since ever, though they are told later. */
		v[i] = (struct space_map){ .start = start,
					   .end = end,
					   .path = paths[i % 7],
					   .since_ns = random_u64() % 10 ? 10 + i : 0 };
		map_at(s, v[i].since_ns, 7, start, end, i, v[i].path);
	}
	for (uint64_t time = 5; time < N + 20; time += 5)
		for (uint64_t at = 0; at < ADDRESSES + 50; at++) {
			struct space_map map = { 0 };
			size_t want = N;

			while (want-- > 0)
				if (v[want].since_ns <= time && v[want].start <= at &&
				    v[want].end > at)
					break;
			assert_int_equal(spaces_find(s, 7, time, at, &map), want < N);
			if (want < N)
				assert_int_equal(map.offset, want);
		}
	/* And what comes later is found, too. */
	map_at(s, N + 100, 7, 0, ADDRESSES, 12345, "/late");
	at_is(s, 7, N + 100, 5, "/late");
	spaces_close(s);
}

/* Paths and mappings of who is never asked about end with it; a bound is for all. */
static void room_is_bounded(void **state)
{
	char path[4000];
	struct told told;
	struct spaces *s = begin(&told);

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (uint32_t i = 0; i < 40000; i++) {
		snprintf(path + 1, 8, "%06u", i);
		path[7] = 'x';
		happens(s, i * 2, SPACE_EXEC, i + 1, 0);
		map_at(s, i * 2 + 1, i + 1, 0x1000, 0x2000, 0, path);
	}
	assert_true(spaces_forgotten(s) > 1000); /* beyond 128 MiB */
	assert_true(spaces_forgotten(s) < 39000);
	spaces_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_is_where_it_was_mapped),
		cmocka_unit_test(what_lies_over_another_is_found_since_then),
		cmocka_unit_test(a_child_has_what_its_parent_had_then),
		cmocka_unit_test(another_program_begins_with_nothing),
		cmocka_unit_test(a_number_is_used_again),
		cmocka_unit_test(who_is_never_seen_at_work_is_forgotten),
		cmocka_unit_test(who_was_there_before_is_asked_for_once),
		cmocka_unit_test(mappings_without_end_are_told),
		cmocka_unit_test(among_many_it_is_the_latest),
		cmocka_unit_test(room_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
