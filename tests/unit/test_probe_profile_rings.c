// SPDX-License-Identifier: Apache-2.0
#include "probe/profile_rings.h"

#include <linux/perf_event.h>
#include <string.h>

#include "unit.h"

/* Records are put together field by field, as perf_event_open(2) lays them out. */
struct record {
	unsigned char bytes[512];
	size_t len;
};

static void put(struct record *r, const void *data, size_t len)
{
	memcpy(r->bytes + r->len, data, len);
	r->len += len;
}

static void put32(struct record *r, uint32_t v)
{
	put(r, &v, sizeof(v));
}

static void put64(struct record *r, uint64_t v)
{
	put(r, &v, sizeof(v));
}

static void begin(struct record *r, uint32_t type, uint16_t misc)
{
	r->len = 0;
	put32(r, type);
	put(r, &misc, sizeof(misc));
	put(r, &misc, sizeof(misc)); /* its size, later */
}

static void end(struct record *r, uint32_t pid, uint64_t time)
{
	uint16_t size;

	put32(r, pid);
	put32(r, pid);
	put64(r, time);
	size = (uint16_t)r->len;
	memcpy(r->bytes + 6, &size, sizeof(size));
}

static void mapping(struct record *r, const char *path)
{
	char name[64] = { 0 };

	begin(r, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER);
	put32(r, 7);
	put32(r, 8);
	put64(r, 0x1000);
	put64(r, 0x2000);
	put64(r, 0x300);
	put32(r, 8);
	put32(r, 1);
	put64(r, 42);
	put64(r, 3);
	put32(r, 5);
	put32(r, 2);
	memcpy(name, path, strlen(path));
	put(r, name, (strlen(path) + 8) & ~7ull);
	end(r, 7, 99);
}

static void a_mapping(void **state)
{
	struct space_event e;
	struct record r;
	uint64_t lost = 0;

	(void)state;
	mapping(&r, "/lib/a.so");
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 1);
	assert_int_equal(e.kind, SPACE_MAP);
	assert_int_equal(e.tgid, 7);
	assert_int_equal(e.time_ns, 99);
	assert_int_equal(e.start, 0x1000);
	assert_int_equal(e.end, 0x3000);
	assert_int_equal(e.offset, 0x300);
	assert_int_equal(e.file.major, 8);
	assert_int_equal(e.file.minor, 1);
	assert_int_equal(e.file.inode, 42);
	assert_int_equal(e.file.generation, 3);
	assert_string_equal(e.path, "/lib/a.so");
}

static void a_record_that_is_cut_is_none(void **state)
{
	struct space_event e;
	struct record r;
	uint64_t lost = 0;

	(void)state;
	mapping(&r, "/a");
	/* Shorter: what ends it is where the name was, which ends nowhere. */
	memset(r.bytes + 72, 'x', sizeof(r.bytes) - 72);
	for (size_t len = 0; len <= sizeof(r.bytes); len++)
		assert_int_equal(profile_record_parse(r.bytes, len, &e, &lost), 0);
	assert_int_equal(lost, 0);
}

static void task(struct record *r, uint32_t type, uint32_t pid, uint32_t parent)
{
	begin(r, type, 0);
	put32(r, pid);
	put32(r, parent);
	put32(r, pid);
	put32(r, parent);
	put64(r, 5);
	end(r, parent, 6);
}

static void tasks_come_and_go(void **state)
{
	struct space_event e;
	struct record r;
	uint64_t lost = 0;

	(void)state;
	task(&r, PERF_RECORD_FORK, 9, 7);
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 1);
	assert_int_equal(e.kind, SPACE_FORK);
	assert_int_equal(e.tgid, 9);
	assert_int_equal(e.parent, 7);
	assert_int_equal(e.time_ns, 6);
	task(&r, PERF_RECORD_EXIT, 9, 7);
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 1);
	assert_int_equal(e.kind, SPACE_EXIT);
	assert_int_equal(profile_record_parse(r.bytes, 40, &e, &lost), 0);
}

static void only_a_program_that_is_executed_is_another(void **state)
{
	struct space_event e;
	struct record r;
	uint64_t lost = 0;

	(void)state;
	begin(&r, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC);
	put32(&r, 7);
	put32(&r, 7);
	put64(&r, 0x6873); /* "sh" */
	end(&r, 7, 3);
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 1);
	assert_int_equal(e.kind, SPACE_EXEC);
	assert_int_equal(e.tgid, 7);
	memset(r.bytes + 4, 0, 2); /* it renamed itself */
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 0);
}

static void what_was_lost_is_counted(void **state)
{
	struct space_event e;
	struct record r;
	uint64_t lost = 1;

	(void)state;
	begin(&r, PERF_RECORD_LOST, 0);
	put64(&r, 1);
	put64(&r, 41);
	end(&r, 7, 3);
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 0);
	assert_int_equal(lost, 42);
	begin(&r, PERF_RECORD_SAMPLE, 0);
	end(&r, 7, 3);
	assert_int_equal(profile_record_parse(r.bytes, r.len, &e, &lost), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mapping),
		cmocka_unit_test(a_record_that_is_cut_is_none),
		cmocka_unit_test(tasks_come_and_go),
		cmocka_unit_test(only_a_program_that_is_executed_is_another),
		cmocka_unit_test(what_was_lost_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
