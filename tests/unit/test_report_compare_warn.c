// SPDX-License-Identifier: Apache-2.0
/* What is told to be unlike about runs, and what is not. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "json_case.h"
#include "report/compare_parts.h"

/* Facts of a host that tells all there is, with a change in the middle. */
#define HOST(cpu, disks, mounts)                                                                   \
	"{'hostname':'h','kernel':'6.1','cpu':{'model_name':'C'" cpu                               \
	"},'memory':{'swappiness':60},'nodes':[{'id':0}],'disks':[" disks "],'mounts':[" mounts    \
	"]}"
#define VDA(scheduler) "{'name':'vda','scheduler':'" scheduler "'}"
#define VDB "{'name':'vdb','scheduler':'none'}"
#define ROOT(options) "{'point':'/','options':[" options "]}"
#define SHM(id) "{'point':'/var/lib/docker/containers/" id "/mounts/shm','options':['size=64m']}"
#define FULL HOST("", VDA("none"), ROOT("'rw'"))
#define REPORT(host, more) "{'status':'ok','host':" host more "}"
#define TOOL(version)                                                                              \
	",'targets':[{'name':'a','kind':'container','results':[{'tool':'ior','version':'" version  \
	"'}]}]"
#define TARGET(name) "{'name':'" name "','kind':'container'}"

static const struct {
	const char *first, *second; /* reports */
	const char *want; /* [[what, path, value, value], ...] */
	const char *why;
} reports[] = {
	{ REPORT(FULL, ""), REPORT(FULL, ""), "[]", "nothing" },

	{ REPORT(FULL, ""), REPORT(HOST("", VDA("mq-deadline"), ROOT("'rw'")), ""),
	  "[['host','disks.vda.scheduler','none','mq-deadline']]", "a scheduler" },
	{ REPORT(FULL, ""), REPORT(HOST(",'turbo':true", VDA("none"), ROOT("'rw'")), ""),
	  "[['host','cpu.turbo',null,true]]", "a fact that one lacks" },
	{ REPORT(HOST("", VDA("none") "," VDB, ROOT("'rw'")), ""),
	  REPORT(HOST("", VDB, ROOT("'rw'")), ""),
	  "[['host','disks.vda',{'name':'vda','scheduler':'none'},null]]", "a disk that is gone" },
	{ REPORT(FULL, ""), REPORT(HOST("", VDA("none"), ROOT("'rw','noatime'")), ""),
	  "[['host','mounts./.options',['rw'],['rw','noatime']]]", "options of a mount" },
	{ REPORT(HOST("", VDA("none"), ROOT("'rw'") "," SHM("c0ffee")), ""),
	  REPORT(HOST("", VDA("none"), SHM("decaf") "," ROOT("'rw'")), ""), "[]",
	  "containers come and go" },
	{ REPORT(HOST("", VDA("none"), SHM("c0ffee")), ""),
	  REPORT(HOST("", VDA("none"), ROOT("'rw'")), ""),
	  "[['host','mounts./',null,{'point':'/','options':['rw']}]]", "but nothing else does" },
	{ REPORT("{'hostname':'a','kernel':'6.1','cpu':{},'memory':{},'nodes':[],'disks':[],"
		 "'mounts':[],'engine':{'name':'docker','version':'1'}}",
		 ""),
	  REPORT("{'hostname':'b','kernel':'6.2','cpu':{},'memory':{},'nodes':[],'disks':[],"
		 "'mounts':[],'engine':{'name':'docker','version':'2'}}",
		 ""),
	  "[['host','hostname','a','b'],['host','kernel','6.1','6.2'],"
	  "['host','engine.version','1','2']]",
	  "another machine" },
	{ REPORT(FULL, ""), REPORT("{}", ""), "[['host','','known','unknown']]",
	  "a run without facts is not the same" },
	{ "{'status':'ok'}", REPORT("{}", ""), "[['host','','unknown','unknown']]",
	  "nor are two of these" },
	{ REPORT(FULL, ""), REPORT("{'hostname':'g','kernel':'6.1','cpu':{'model_name':'D'}}", ""),
	  "[['host','hostname','h','g'],['host','cpu.model_name','C','D'],"
	  "['host','memory','known','unknown'],['host','nodes','known','unknown'],"
	  "['host','disks','known','unknown'],['host','mounts','known','unknown']]",
	  "what an older version did not look at" },

	{ REPORT(FULL, ",'version':'0.1.0','interval_ns':100000000"),
	  REPORT(FULL, ",'version':'0.2.0','interval_ns':50000000"),
	  "[['version','version','0.1.0','0.2.0'],['interval','interval_ns',100000000,50000000]]",
	  "versions and intervals" },
	{ REPORT(FULL, ",'backends':{'block':'tp_btf','vfs':'fentry'}"),
	  REPORT(FULL, ",'backends':{'block':'tp_btf','vfs':'kprobe','perf':'bpf'}"),
	  "[['backend','vfs','fentry','kprobe'],['backend','perf',null,'bpf']]", "backends" },

	{ REPORT(FULL, ""), "{'status':'interrupted','host':" FULL "}",
	  "[['status','status','ok','interrupted']]", "interrupted" },
	{ "{'status':'failed','host':" FULL "}", "{'status':'failed','host':" FULL "}",
	  "[['status','status','failed','failed']]", "failed, both" },
	{ "{'host':" FULL "}", REPORT(FULL, ""), "[['status','status','unknown','ok']]",
	  "no status" },

	{ REPORT(FULL, ",'targets':[" TARGET("a") "," TARGET("b") "]"),
	  REPORT(FULL, ",'targets':[" TARGET("a") ",{'name':'host','kind':'host'}]"),
	  "[['target','b',true,null]]", "a target that one lacks; the host is no such" },
	{ REPORT(FULL, TOOL("3.3")), REPORT(FULL, TOOL("4.0")),
	  "[['tool','a.version','3.3','4.0']]", "another benchmark" },
	{ REPORT(FULL, TOOL("3.3")), REPORT(FULL, ",'targets':[" TARGET("a") "]"), "[]",
	  "one that told nothing" },

	{ REPORT(FULL, ",'losses':[{'what':'x','count':1,'reason':'r'}]"),
	  REPORT(FULL, ",'losses':[{'what':'x','count':9,'reason':'s'}]"), "[]",
	  "how often is not told" },
	{ REPORT(FULL, ",'losses':[{'what':'x','count':1,'reason':'r'},"
		       "{'what':'x','count':2,'reason':'s'}]"),
	  REPORT(FULL, ",'losses':[{'what':'y','count':1,'reason':'t'}]"),
	  "[['loss','x',3,null,'r'],['loss','y',null,1,'t']]", "each of what only one lost" },
};

static json_t *flat(const json_t *warnings)
{
	json_t *all = json_array(), *w;
	size_t i;

	json_array_foreach(warnings, i, w) {
		json_t *one = json_array();

		json_array_append(one, json_object_get(w, "what"));
		json_array_append(one, json_object_get(w, "path"));
		json_array_extend(one, json_object_get(w, "values"));
		if (json_object_get(w, "reason"))
			json_array_append(one, json_object_get(w, "reason"));
		json_array_append_new(all, one);
	}
	return all;
}

static void check(const struct compare_run *runs, size_t n, const char *want, const char *why)
{
	json_t *warnings = json_array(), *got;

	assert_int_equal(compare_warnings(runs, n, warnings), 0);
	got = flat(warnings);
	json_case_is(got, want, why);
	json_decref(got);
	json_decref(warnings);
}

static void of_reports(void **state)
{
	json_t *spec = json_case("{}");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		json_t *first = json_case(reports[i].first), *second = json_case(reports[i].second);

		check((const struct compare_run[]){ { first, spec }, { second, spec } }, 2,
		      reports[i].want, reports[i].why);
		json_decref(second);
		json_decref(first);
	}
	json_decref(spec);
}

static const struct {
	const char *first, *second; /* specs; NULL: not known */
	const char *want;
	const char *why;
} specs[] = {
	{ "{'name':'a','interval':'1s','repeat':'1'}", "{'name':'b','interval':'2s','repeat':'1'}",
	  "[]", "names say nothing, and the interval is told elsewhere" },
	{ "{'description':'one'}", "{}", "[]", "nor does what it is said to be for" },
	{ "{'containers':{'a':{'command':['x','1'],'name':'n'}}}",
	  "{'containers':{'a':{'command':['x','2'],'name':'m'},'b':{}}}",
	  "[['spec','containers.a.command',['x','1'],['x','2']],"
	  "['spec','containers.a.name','n','m'],['spec','containers.b',null,{}]]",
	  "what is within counts, whatever it is called" },
	{ "{}", NULL, "[['spec','','known','unknown']]", "not known" },
	{ NULL, NULL, "[['spec','','unknown','unknown']]", "of neither" },
};

static void of_specs(void **state)
{
	json_t *report = json_case(REPORT(FULL, ""));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		json_t *first = specs[i].first ? json_case(specs[i].first) : NULL;
		json_t *second = specs[i].second ? json_case(specs[i].second) : NULL;

		check((const struct compare_run[]){ { report, first }, { report, second } }, 2,
		      specs[i].want, specs[i].why);
		json_decref(second);
		json_decref(first);
	}
	json_decref(report);
}

/* Those that are known are compared with each other. */
static void of_three(void **state)
{
	json_t *first = json_case(REPORT(FULL, "")), *none = json_case(REPORT("{}", ""));
	json_t *third = json_case(REPORT(HOST("", VDA("bfq"), ROOT("'rw'")), ""));
	json_t *spec = json_case("{}");

	(void)state;
	check((const struct compare_run[]){ { first, spec }, { none, spec }, { third, spec } }, 3,
	      "[['host','','known','unknown','known'],"
	      "['host','disks.vda.scheduler','none',null,'bfq']]",
	      "one of three has no facts");
	json_decref(spec);
	json_decref(third);
	json_decref(none);
	json_decref(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_reports),
		cmocka_unit_test(of_specs),
		cmocka_unit_test(of_three),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
