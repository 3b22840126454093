// SPDX-License-Identifier: Apache-2.0
/* Any bytes may come from a benchmark's log. */
#include <stdint.h>

#include "base/err.h"
#include "base/result.h"
#include "launch/parse_tool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int (*const parsers[])(const char *, size_t, struct result_set *, struct err *) = {
		parse_results,	   parse_ior_text,     parse_ior_json,
		parse_mdtest_text, parse_md_workbench, parse_fio_json,
		parse_ior_csv,	   parse_ior_rank_csv, parse_ior_op_csv,
	};

	for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		struct result_set set;
		struct err err;

		if (!parsers[i]((const char *)data, size, &set, &err))
			result_set_fini(&set);
	}
	return 0;
}
