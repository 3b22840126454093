// SPDX-License-Identifier: Apache-2.0
/* Monitor groups by target, and what is lost of them in words. */
#include "run/rdt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "host/resctrl_set.h"
#include "launch/target.h"
#include "plan/plan.h"
#include "run/progress.h"

#define NAME_LEN 192

/* Names of targets may hold anything but NUL; a directory's may not hold slashes. */
static void group_name(const struct plan *plan, size_t i, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "%s.%s", plan->id, plan->v[i].name);
	for (char *c = name; *c; c++)
		if (*c == '/' || *c == '\n')
			*c = '_';
}

static void lose_group(struct losses *losses, const struct plan *plan, size_t i, int rc,
		       const struct err *err)
{
	loss_add(losses, rc == -ENOSPC || rc == -EBUSY ? "rdt.rmid" : "rdt.group", 1,
		 "%s: not measured: %s", plan->v[i].name, err->text);
}

int rdt_open(const struct spec_rdt *spec, const struct plan *plan, struct losses *losses,
	     struct resctrl_set **ret, struct err *err)
{
	struct resctrl_set *set = NULL;
	struct err each = { 0 };
	int rc;

	if (spec->mode == TRI_OFF)
		return 0;
	rc = resctrl_set_open(spec->root, plan->n, &set, &each);
	if (rc && spec->mode == TRI_AUTO) {
		loss_add(losses, "collector rdt", 1, "%s", each.text);
		return 0;
	}
	for (size_t i = 0; !rc && i < plan->n; i++) {
		char name[NAME_LEN];

		group_name(plan, i, name);
		rc = resctrl_set_make(set, i, name, &each);
		if (rc && spec->mode == TRI_AUTO) {
			lose_group(losses, plan, i, rc, &each);
			rc = 0;
		}
	}
	if (rc) {
		*err = each;
		(void)resctrl_set_close(set, &each); /* the first failure is the one to tell */
		return err_wrap(err, "collector rdt");
	}
	*ret = set;
	return 0;
}

void rdt_published(struct resctrl_set *set, const struct plan *plan, size_t i,
		   const struct target *t, struct losses *losses)
{
	const struct resctrl_member *m = set ? &set->v[i] : NULL;
	struct err err = { 0 };
	char name[NAME_LEN];
	int rc;

	if (!m || !*m->group.path)
		return; /* told when it could not be made */
	group_name(plan, i, name);
	if (*t->container_id || t->attached)
		rc = resctrl_set_take(set, i, name, t->pid, &t->cg, t->attached, &err);
	else
		rc = resctrl_set_hold(set, i, name, t->pid, &err);
	if (rc && !*m->group.path) {
		lose_group(losses, plan, i, rc, &err);
		return;
	}
	if (rc)
		loss_add(losses, "rdt.tasks", 1, "%s: not all of its tasks are measured: %s",
			 t->name, err.text);
	else if (!m->moved && !m->left)
		loss_add(losses, "rdt.tasks", 1, "%s: not measured: %s", t->name,
			 t->attached ? "there were no tasks in it to put into its monitor group"
				     : "it ended before its tasks could be moved");
	if (m->left)
		loss_add(losses, "rdt.tasks", m->left,
			 "%s: what is in monitor groups of others stays there and is not measured: "
			 "%zu of its tasks",
			 t->name, m->left);
	if (!m->moved)
		return;
	if (!m->early || (*t->container_id && !t->held))
		loss_add(losses, "rdt.late", 1,
			 "%s: its tasks were put into their monitor group after its program had "
			 "begun: what they did before is not counted",
			 t->name);
	resctrl_set_ready(set, i);
}

static json_t *masks_json(const struct resctrl_mask_rule *rule)
{
	char mask[32];

	snprintf(mask, sizeof(mask), "%llx", (unsigned long long)rule->mask);
	return json_pack("{s:s, s:i, s:I, s:b}", "mask", mask, "ways",
			 __builtin_popcountll(rule->mask), "min_ways", (json_int_t)rule->min_bits,
			 "sparse", rule->sparse);
}

json_t *rdt_host_json(const struct resctrl_set *set)
{
	static const char *const units[] = {
		[MBA_PERCENT] = "percent", [MBA_MIB_S] = "MiB/s", [MBA_HARDWARE] = "1/8 GB/s"
	};
	const struct resctrl *fs = &set->fs;
	json_t *o = json_pack("{s:s}", "root", fs->root), *domains = json_array();

	for (size_t i = 0; o && i < fs->n_domains; i++) {
		json_t *d = json_pack("{s:I}", "domain", (json_int_t)fs->domains[i].id);

		if (d && fs->domains[i].cache_bytes)
			json_object_set_new(d, "l3_bytes",
					    json_integer((json_int_t)fs->domains[i].cache_bytes));
		json_array_append_new(domains, d);
	}
	json_object_set_new(o, "domains", domains);
	if (o && fs->rmids)
		json_object_set_new(o, "rmids", json_integer((json_int_t)fs->rmids));
	if (o && fs->rules.l3.known)
		json_object_set_new(o, "l3", masks_json(&fs->rules.l3));
	if (o && fs->rules.mba_known)
		json_object_set_new(o, "mba",
				    json_pack("{s:s, s:I, s:I}", "unit", units[fs->rules.mba_unit],
					      "min", (json_int_t)fs->rules.mba_min, "step",
					      (json_int_t)fs->rules.mba_step));
	return o;
}

void rdt_close(struct resctrl_set *set, struct progress *progress)
{
	char elsewhere[RESCTRL_PATH + 16] = "";
	struct err err = { 0 };

	if (set && strcmp(set->fs.root, RESCTRL_ROOT) != 0)
		snprintf(elsewhere, sizeof(elsewhere), " --resctrl %s", set->fs.root);
	if (resctrl_set_close(set, &err))
		progress_warn(progress, NULL, "warning: %s; try 'cbpf clean%s'", err.text,
			      elsewhere);
}
