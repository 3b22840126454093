// SPDX-License-Identifier: Apache-2.0
/* The option tables themselves. */
#include "spec/rows.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "spec/spec.h"
#include "unit.h"

static size_t size_of(const struct option_row *row)
{
	switch (row->type) {
	case OPTION_BOOL: return sizeof(enum flag);
	case OPTION_TRI: return sizeof(enum tri);
	case OPTION_ENUM: return sizeof(int);
	case OPTION_REAL: return sizeof(double);
	case OPTION_STRING:
	case OPTION_CPUS: return sizeof(char *);
	case OPTION_STRINGS: return sizeof(struct str_list);
	case OPTION_STRMAP:
	case OPTION_MATRIX: return sizeof(struct str_map);
	case OPTION_SECTIONS: return sizeof(struct section_list);
	case OPTION_SECTION: return 1;
	default: return sizeof(uint64_t);
	}
}

static void check_rows(const struct option_row *rows)
{
	for (const struct option_row *row = rows; row->name; row++) {
		if (!row->help || strlen(row->help) < 3)
			fail_msg("%s has no help", row->name);
		if (strchr(row->help, '|') || strchr(row->help, '\n'))
			fail_msg("%s: its help would break a table", row->name);
		if (option_find(rows, row->name) != row)
			fail_msg("%s stands twice", row->name);
		for (const struct option_row *other = rows; other != row; other++)
			if (row->offset < other->offset + size_of(other) &&
			    other->offset < row->offset + size_of(row))
				fail_msg("%s lies on %s", row->name, other->name);
		if ((row->type == OPTION_SECTION || row->type == OPTION_SECTIONS) != !!row->rows)
			fail_msg("%s: rows without a section, or the reverse", row->name);
		if ((row->type == OPTION_SECTIONS) != !!row->size)
			fail_msg("%s: a size without sections, or the reverse", row->name);
		if (row->scalar && !option_find(row->rows, row->scalar))
			fail_msg("%s: its short form sets no row", row->name);
		if (row->rows)
			check_rows(row->rows);
	}
}

static void rows_are_sound(void **state)
{
	(void)state;
	check_rows(spec_rows);
}

static void presets_are_valid(void **state)
{
	struct spec spec = { 0 };
	struct spec_container c = { 0 };

	(void)state;
	assert_int_equal(option_presets(spec_rows, &spec), 0);
	option_fini(spec_rows, &spec);
	assert_int_equal(option_presets(spec_container_rows, &c), 0);
	option_fini(spec_container_rows, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(presets_are_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
