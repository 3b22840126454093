// SPDX-License-Identifier: Apache-2.0
/* The JSON Schema of a spec, from its option rows. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "spec/spec.h"

#define DECIMAL "[0-9]+(\\.[0-9]*)?([eE][+-]?[0-9]+)?"

/*
 * Each returns a new reference, or NULL without memory; jansson's setters take
 * NULL as a failure, which json_pack() reports upwards as NULL again.
 */
static json_t *section_schema(const struct option_row *rows);

static json_t *ref(const char *name)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/$defs/%s", name));
}

static json_t *any_of(json_t *a, json_t *b)
{
	return json_pack("{s:[o,o]}", "anyOf", a, b);
}

static json_t *pattern(const char *regex)
{
	return json_pack("{s:s, s:s}", "type", "string", "pattern", regex);
}

/* A scalar as YAML types it, or written as text; ${...} may stand for any. */
static json_t *scalar(json_t *typed, const char *regex)
{
	return json_pack("{s:[o,o,o]}", "anyOf", typed, pattern(regex), ref("variable"));
}

/* What several rows share. */
static json_t *definitions(void)
{
	json_t *defs = json_pack("{s:o, s:{s:[s,s,s]}}", "variable", pattern("\\$\\{"), "text",
				 "type", "string", "number", "boolean");
	json_t *number = json_pack("{s:s, s:i}", "type", "number", "minimum", 0);
	int rc = 0;

	rc |= json_object_set_new(defs, "flag",
				  scalar(json_pack("{s:s}", "type", "boolean"),
					 "^(true|false|yes|no|on|off)$"));
	rc |= json_object_set_new(defs, "tri",
				  scalar(json_pack("{s:s}", "type", "boolean"),
					 "^(true|false|yes|no|on|off|auto)$"));
	rc |= json_object_set_new(defs, "size",
				  scalar(number, "^" DECIMAL " *([bB]|[kKmMgGtT]([iI][bB])?)?$"));
	rc |= json_object_set_new(defs, "duration",
				  scalar(json_pack("{s:i}", "const", 0),
					 "^(0|" DECIMAL
					 " *([nNuUmM]?[sS]|[mM]([iI][nN])?|[hH]))$"));
	rc |= json_object_set_new(
		defs, "real", scalar(json_pack("{s:s}", "type", "number"), "^[+-]?" DECIMAL "$"));
	rc |= json_object_set_new(defs, "cpus",
				  scalar(json_pack("{s:s, s:i}", "type", "integer", "minimum", 0),
					 "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$"));
	if (!rc)
		return defs;
	json_decref(defs);
	return NULL;
}

static json_t *choices(const char *const *list)
{
	json_t *names = json_array();

	for (; *list; list++)
		if (json_array_append_new(names, json_string(*list))) {
			json_decref(names);
			return NULL;
		}
	return any_of(json_pack("{s:o}", "enum", names), ref("variable"));
}

static json_t *integer(const struct option_row *row)
{
	json_t *number =
		json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)row->min);

	if (row->max && json_object_set_new(number, "maximum", json_integer(row->max))) {
		json_decref(number);
		return NULL;
	}
	return scalar(number, "^[0-9]+$");
}

static json_t *strings(void)
{
	return any_of(json_pack("{s:s, s:o}", "type", "array", "items", ref("text")), ref("text"));
}

static json_t *strmap(void)
{
	return any_of(json_pack("{s:[s,s], s:o}", "type", "object", "null", "additionalProperties",
				ref("text")),
		      json_pack("{s:s, s:o}", "type", "array", "items", pattern("=|\\$\\{")));
}

static json_t *sections(const struct option_row *row)
{
	json_t *map = json_pack("{s:[s,s], s:{s:s}, s:o}", "type", "object", "null",
				"propertyNames", "pattern", "^[a-zA-Z0-9][a-zA-Z0-9_.-]*$",
				"additionalProperties", section_schema(row->rows));

	if (row->required && json_object_set_new(map, "minProperties", json_integer(1))) {
		json_decref(map);
		return NULL;
	}
	if (!row->names)
		return map;
	return any_of(json_pack("{s:s, s:b, s:o}", "type", "array", "uniqueItems", 1, "items",
				ref("text")),
		      map);
}

/* An axis: values, or labels and what each stands for. */
static json_t *axis(void)
{
	return json_pack("{s:[{s:s, s:i}, {s:[s,s,s]}, {s:s, s:i}]}", "anyOf", "type", "array",
			 "minItems", 1, "type", "string", "number", "boolean", "type", "object",
			 "minProperties", 1);
}

static json_t *filter(const char *help)
{
	return json_pack("{s:[s,s], s:s, s:{s:s, s:i}}", "type", "array", "null", "description",
			 help, "items", "type", "object", "minProperties", 1);
}

static json_t *matrix(void)
{
	return json_pack("{s:[s,s], s:{s:o, s:o}, s:o}", "type", "object", "null", "properties",
			 "exclude", filter("combinations to leave out, by values of some axes"),
			 "only", filter("combinations to keep, by values of some axes"),
			 "additionalProperties", axis());
}

static json_t *type_schema(const struct option_row *row)
{
	switch (row->type) {
	case OPTION_BOOL: return ref("flag");
	case OPTION_TRI: return ref("tri");
	case OPTION_INT: return integer(row);
	case OPTION_SIZE: return ref("size");
	case OPTION_DURATION: return ref("duration");
	case OPTION_REAL: return ref("real");
	case OPTION_CPUS: return ref("cpus");
	case OPTION_STRING: return row->choices ? choices(row->choices) : ref("text");
	case OPTION_ENUM: return choices(row->choices);
	case OPTION_STRINGS: return strings();
	case OPTION_STRMAP: return strmap();
	case OPTION_SECTIONS: return sections(row);
	case OPTION_MATRIX: return matrix();
	case OPTION_SECTION:
		if (!row->scalar)
			return section_schema(row->rows);
		return any_of(type_schema(option_find(row->rows, row->scalar)),
			      section_schema(row->rows));
	}
	return NULL;
}

/* A preset as the JSON value that a YAML reader would make of it. */
static json_t *preset(const struct option_row *row)
{
	bool flag = row->type == OPTION_BOOL || row->type == OPTION_TRI;

	if (flag && !strcmp(row->preset, "true"))
		return json_true();
	if (flag && !strcmp(row->preset, "false"))
		return json_false();
	if (row->type == OPTION_INT)
		return json_integer(atoll(row->preset));
	return json_string(row->preset);
}

static json_t *row_schema(const struct option_row *row)
{
	json_t *schema = json_pack("{s:s}", "description", row->help), *type = type_schema(row);
	int rc = json_object_update(schema, type);

	json_decref(type);
	if (!rc && row->preset)
		rc = json_object_set_new(schema, "default", preset(row));
	if (!rc && row->secret)
		rc = json_object_set_new(schema, "writeOnly", json_true());
	if (rc) {
		json_decref(schema);
		return NULL;
	}
	return schema;
}

static json_t *section_schema(const struct option_row *rows)
{
	json_t *properties = json_object(), *required = json_array();
	int rc = 0;

	for (; rows->name; rows++) {
		rc |= json_object_set_new(properties, rows->name, row_schema(rows));
		if (rows->required)
			rc |= json_array_append_new(required, json_string(rows->name));
	}
	if (rc) {
		json_decref(properties);
		json_decref(required);
		return NULL;
	}
	if (!json_array_size(required)) {
		json_decref(required);
		return json_pack("{s:[s,s], s:b, s:o}", "type", "object", "null",
				 "additionalProperties", 0, "properties", properties);
	}
	return json_pack("{s:s, s:b, s:o, s:o}", "type", "object", "additionalProperties", 0,
			 "required", required, "properties", properties);
}

int spec_schema(struct buf *out)
{
	cleanup_free char *text = NULL;
	json_t *schema =
		json_pack("{s:s, s:s, s:s, s:{s:{}}}", "$schema",
			  "https://json-schema.org/draft/2020-12/schema", "title", "cbpf spec",
			  "description", "What a cbpf run starts, watches and expects",
			  "patternProperties", "^x-");
	json_t *top = section_schema(spec_rows);
	int rc = json_object_update(schema, top);

	json_decref(top);
	if (!rc)
		rc = json_object_set_new(schema, "$defs", definitions());
	if (!rc)
		text = json_dumps(schema, JSON_INDENT(2));
	json_decref(schema);
	if (!text)
		return -ENOMEM;
	(void)buf_puts(out, text); /* the next one tells */
	return buf_puts(out, "\n");
}
