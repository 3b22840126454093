// SPDX-License-Identifier: Apache-2.0
/* Looking things up in a report: numbers by path, and what a tool was called with. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "finding/judging.h"

const json_t *value_at(const json_t *from, const char *path)
{
	char key[64];

	while (from && *path) {
		size_t len = strcspn(path, ".");

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		from = json_object_get(from, key);
		path += len + (path[len] == '.');
	}
	return from;
}

double number_at(const json_t *from, const char *path)
{
	const json_t *value = value_at(from, path);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *text_at(const json_t *from, const char *path)
{
	return json_string_value(value_at(from, path));
}

const char *command_of(const json_t *target)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r)
		if (text_at(r, "command"))
			return text_at(r, "command");
	return NULL;
}

/* The argument that begins with @option, as it stands in a command line; NULL: there is none. */
static const char *argument(const char *command, const char *option)
{
	size_t len = strlen(option);

	for (const char *at = command; at && (at = strstr(at, option)); at += len)
		if (at != command && at[-1] == ' ')
			return at;
	return NULL;
}

bool has_option(const char *command, const char *option)
{
	const char *at = argument(command, option);
	size_t len = strlen(option);

	for (; at; at = argument(at + len, option))
		if (strchr(" =", at[len]))
			return true;
	return false;
}

double option_number(const char *command, const char *option)
{
	const char *at = argument(command, option);
	char *end;
	double value;

	if (!at)
		return NAN;
	at += strlen(option);
	at += strspn(at, " =");
	value = strtod(at, &end);
	return end == at ? NAN : value;
}

bool ran_ior(const json_t *target, const char *op)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(target, "results"), i, r) {
		const char *tool = text_at(r, "tool"), *did = text_at(r, "op");

		if (tool && !strcmp(tool, "ior") && did && (!op || !strcmp(did, op)))
			return true;
	}
	return false;
}

double over_devices(const json_t *target, const char *op, const char *key)
{
	json_t *device;
	const char *name;
	double sum = NAN;

	json_object_foreach(json_object_get(target, "block"), name, device) {
		const json_t *o = json_object_get(device, op);
		double value = number_at(o, key);

		if (isnan(value) || json_is_true(json_object_get(o, "stacked")))
			continue;
		sum = isnan(sum) ? value : sum + value;
	}
	return sum;
}
