// SPDX-License-Identifier: Apache-2.0
/* What was unlike about runs, as what was unlike about sides. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "report/compare_parts.h"
#include "report/format.h"

/* How often something was lost: all of it; null where nothing was. */
static json_t *sum_of(const json_t *values, size_t from, size_t to)
{
	json_int_t sum = 0;
	bool any = false;

	for (size_t r = from; r < to; r++) {
		const json_t *v = json_array_get(values, r);

		any = any || json_is_number(v);
		sum += json_integer_value(v);
	}
	return any ? json_integer(sum) : json_null();
}

static json_t *one_of(const json_t *values, size_t from, size_t to)
{
	json_t *first = json_array_get(values, from), *list;
	bool same = true;

	for (size_t r = from + 1; r < to; r++)
		same = same && json_equal(first, json_array_get(values, r));
	if (same)
		return json_incref(first);
	list = json_array();
	for (size_t r = from; r < to; r++)
		if (json_array_append(list, json_array_get(values, r))) {
			json_decref(list);
			return NULL;
		}
	return json_pack("{s:o}", "differ", list);
}

static json_t *fold(const struct compare_options *o, size_t n, const json_t *values, bool loss)
{
	json_t *folded = json_array();

	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && compare_side(o, to) == compare_side(o, from);)
			to++;
		if (json_array_append_new(folded, loss ? sum_of(values, from, to)
						       : one_of(values, from, to))) {
			json_decref(folded);
			return NULL;
		}
	}
	return folded;
}

static bool all_lost(const json_t *values)
{
	json_t *v;
	size_t i;

	json_array_foreach(values, i, v)
		if (json_is_null(v))
			return false;
	return true;
}

int compare_fold_warnings(const struct compare_options *o, size_t n, json_t *array)
{
	size_t i = 0;

	if (compare_sides(o, n) == n)
		return 0;
	while (i < json_array_size(array)) {
		json_t *w = json_array_get(array, i);
		bool loss = text_in(w, "what") && !strcmp(text_in(w, "what"), "loss");
		json_t *folded = fold(o, n, json_object_get(w, "values"), loss);

		if (!folded)
			return -ENOMEM;
		if (loss && all_lost(folded)) {
			json_decref(folded);
			(void)json_array_remove(array, i); /* it is there */
			continue;
		}
		if (json_object_set_new(w, "values", folded))
			return -ENOMEM;
		i++;
	}
	return 0;
}
