// SPDX-License-Identifier: Apache-2.0
/* All rules over a report, and how they tell what they saw. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "finding/judging.h"

static const char *const confidences[] = { "high", "medium", "low" };
static const char *const severities[] = { "error", "warning", "info" };

const struct finding_threshold *finding_threshold(const char *name)
{
	const char *dot = strchr(name, '.');

	for (const struct finding_rule *const *r = finding_rules; dot && *r; r++) {
		if (strlen((*r)->id) != (size_t)(dot - name) ||
		    strncmp((*r)->id, name, (size_t)(dot - name)) != 0)
			continue;
		for (const struct finding_threshold *t = (*r)->thresholds; t->name; t++)
			if (!strcmp(t->name, dot + 1))
				return t;
	}
	return NULL;
}

static void keep(struct judging *j, json_t *array, json_t *o)
{
	if (!o || json_array_append_new(array, o))
		j->failed = true;
}

static void put_text(struct judging *j, json_t *o, const char *key, const char *text)
{
	if (text && json_object_set_new(o, key, json_string(text)))
		j->failed = true;
}

static json_t *told_thresholds(const struct judging *j)
{
	json_t *o = json_object();
	size_t i = 0;

	for (const struct finding_threshold *t = j->rule->thresholds; t->name; t++)
		json_object_set_new(o, t->name, json_real(j->at[i++]));
	return o;
}

json_t *numbers(const char *key, ...)
{
	json_t *o = json_object();
	va_list args;

	va_start(args, key);
	for (; o && key; key = va_arg(args, const char *)) {
		double value = va_arg(args, double);

		if (isfinite(value) && json_object_set_new(o, key, json_real(value))) {
			json_decref(o);
			o = NULL;
		}
	}
	va_end(args);
	return o;
}

json_t *with_text(json_t *evidence, const char *key, const char *text)
{
	json_t *copy = text ? json_string(text) : NULL;

	/* Text that is no UTF-8 is none to show. */
	if (copy && json_object_set_new(evidence, key, copy)) {
		json_decref(evidence);
		return NULL;
	}
	return evidence;
}

void found(struct judging *j, enum confidence confidence, json_t *evidence, const char *rows,
	   const char *fmt, ...)
{
	char text[1024];
	json_t *o = json_object();
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!o || !evidence) {
		json_decref(o);
		json_decref(evidence);
		j->failed = true;
		return;
	}
	put_text(j, evidence, "rows", rows);
	if (j->rule->thresholds[0].name)
		json_object_set_new(evidence, "thresholds", told_thresholds(j));
	put_text(j, o, "id", j->rule->id);
	put_text(j, o, "severity", j->rule->severity);
	put_text(j, o, "target", text_at(j->target, "name"));
	put_text(j, o, "title", j->rule->title);
	put_text(j, o, "text", text);
	put_text(j, o, "why", j->rule->why);
	put_text(j, o, "advice", j->rule->advice);
	put_text(j, o, "confidence", confidences[confidence]);
	json_object_set_new(o, "evidence", evidence);
	keep(j, j->found, o);
}

void not_judged(struct judging *j, const char *fmt, ...)
{
	char missing[256];
	json_t *o = json_object();
	va_list args;

	va_start(args, fmt);
	vsnprintf(missing, sizeof(missing), fmt, args);
	va_end(args);
	if (o) {
		put_text(j, o, "id", j->rule->id);
		put_text(j, o, "target", text_at(j->target, "name"));
		put_text(j, o, "missing", missing);
	}
	keep(j, j->not_judged, o);
}

static void set_thresholds(struct judging *j, const json_t *set)
{
	char name[96];
	size_t i = 0;

	for (const struct finding_threshold *t = j->rule->thresholds; t->name; t++, i++) {
		const json_t *own;

		snprintf(name, sizeof(name), "%s.%s", j->rule->id, t->name);
		own = json_object_get(set, name);
		j->at[i] = json_is_number(own) ? json_number_value(own) : t->preset;
	}
}

/* What a run is about; others are on the machine, too. */
static bool is_judged(const json_t *target)
{
	const char *kind = text_at(target, "kind");

	return kind && (!strcmp(kind, "container") || !strcmp(kind, "workload"));
}

static void judge_one(struct judging *j)
{
	json_t *t;
	size_t i;

	if (j->rule->scope == FINDING_RUN) {
		j->target = NULL;
		j->rule->judge(j);
		return;
	}
	json_array_foreach(json_object_get(j->report, "targets"), i, t) {
		if (!is_judged(t))
			continue;
		j->target = t;
		j->rule->judge(j);
	}
}

/* The order of rules within a severity is kept. */
static json_t *worst_first(json_t *found)
{
	json_t *sorted = json_array(), *f;
	size_t i;

	for (size_t s = 0; sorted && s < ARRAY_SIZE(severities); s++)
		json_array_foreach(found, i, f)
			if (!strcmp(text_at(f, "severity"), severities[s]))
				json_array_append(sorted, f);
	return sorted;
}

int findings_judge(const json_t *report, const json_t *thresholds, json_t **ret_findings,
		   json_t **ret_not_judged, struct err *err)
{
	struct judging j = { .report = report };
	json_t *sorted = NULL;

	j.found = json_array();
	j.not_judged = json_array();
	j.failed = !j.found || !j.not_judged;
	for (const struct finding_rule *const *r = finding_rules; !j.failed && *r; r++) {
		j.rule = *r;
		set_thresholds(&j, thresholds);
		judge_one(&j);
	}
	if (!j.failed)
		sorted = worst_first(j.found);
	json_decref(j.found);
	if (!sorted) {
		json_decref(j.not_judged);
		return err_set(err, -ENOMEM, "judging a run");
	}
	*ret_findings = sorted;
	*ret_not_judged = j.not_judged;
	return 0;
}
