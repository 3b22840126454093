// SPDX-License-Identifier: Apache-2.0
/* Which differences of JSON values are told, and by which paths. */
#include "report/differ.h"

#include <string.h>

#include "base/cleanup.h"
#include "json_case.h"

#define RUNS 3
#define ALL (~0ull)

static const struct differ_rule rules[] = {
	{ "*.now", "changes all the time" },
	{ "mounts./run/user/*", "who is logged in" },
	{ 0 },
};

static const struct {
	const char *values[RUNS]; /* NULL: fewer */
	const char *want; /* [["path", values...], ...] */
	const char *why;
} cases[] = {
	{ { "{}", "{}" }, "[]", "nothing is the same as nothing" },
	{ { "{'a':1,'b':[1,{'c':null}]}", "{'b':[1,{'c':null}],'a':1}" },
	  "[]",
	  "the order of keys is no difference" },
	{ { "{'a':1}", "{'a':2}" }, "[['a',1,2]]", "a number" },
	{ { "{'a':1}", "{'a':1.0}" }, "[]", "one number in two ways" },
	{ { "{'a':9007199254740993}", "{'a':9007199254740992}" },
	  "[['a',9007199254740993,9007199254740992]]",
	  "integers are not rounded" },
	{ { "{'a':true}", "{'a':false}" }, "[['a',true,false]]", "a flag" },
	{ { "{'a':1}", "{'a':'1'}" }, "[['a',1,'1']]", "another type" },
	{ { "{'a':1}", "{'a':true}" }, "[['a',1,true]]", "and another" },
	{ { "{'a':{'b':1}}", "{'a':'x'}" }, "[['a',{'b':1},'x']]", "an object and a text" },
	{ { "{'a':[{'b':1}]}", "{'a':{'b':1}}" },
	  "[['a',[{'b':1}],{'b':1}]]",
	  "a list and an object" },
	{ { "{'a':null}", "{}" }, "[]", "null is absent" },
	{ { "{'a':null}", "{'a':0}" }, "[['a',null,0]]", "and absent is not 0" },
	{ { "{'a':{}}", "{}" }, "[['a',{},null]]", "an empty object is there" },
	{ { "{'a':{'b':{'c':'x','d':1}}}", "{'a':{'b':{'c':'y','d':1}}}" },
	  "[['a.b.c','x','y']]",
	  "a leaf within" },
	{ { "{'z':1,'a':{'k':1,'j':2}}", "{'new':3,'a':{'j':3,'k':2},'z':2}" },
	  "[['z',1,2],['a.k',1,2],['a.j',2,3],['new',null,3]]",
	  "in the order in which they were seen" },
	{ { "{'a':{'b':1,'c':2}}", "{}" },
	  "[['a',{'b':1,'c':2},null]]",
	  "what is removed is told once" },
	{ { "{}", "{'a':{'b':1,'c':2}}" }, "[['a',null,{'b':1,'c':2}]]", "so is what is added" },
	{ { "{'ä':{'中':'ö\\n'}}", "{'ä':{'中':'o\\n'}}" },
	  "[['ä.中','ö\\n','o\\n']]",
	  "names and texts of any language" },
	{ { "{'a':{'':1}}", "{'a':{'':2}}" }, "[['a.',1,2]]", "an empty name" },
	{ { "{'now':1,'a':{'now':1,'b':1}}", "{'now':1,'a':{'now':2,'b':1}}" },
	  "[]",
	  "what is ignored" },
	{ { "{'now':1}", "{'now':2}" }, "[['now',1,2]]", "only where its pattern has it" },

	{ { "{'l':['rw','sync']}", "{'l':['rw','sync']}" }, "[]", "a list of texts" },
	{ { "{'l':['rw','sync']}", "{'l':['rw']}" },
	  "[['l',['rw','sync'],['rw']]]",
	  "is one value" },
	{ { "{'l':[1,2]}", "{'l':[2,1]}" }, "[['l',[1,2],[2,1]]]", "with an order" },
	{ { "{'l':[{'a':1},2]}", "{'l':[{'a':2},2]}" },
	  "[['l',[{'a':1},2],[{'a':2},2]]]",
	  "a list of this and that is one value" },
	{ { "{'d':[{'name':'a','s':1},{'name':'b','s':2}]}",
	    "{'d':[{'name':'b','s':2},{'name':'a','s':3}]}" },
	  "[['d.a.s',1,3]]",
	  "entries with names have no order" },
	{ { "{'d':[{'name':'a','s':1},{'name':'b','s':2}]}", "{'d':[{'name':'b','s':3}]}" },
	  "[['d.a',{'name':'a','s':1},null],['d.b.s',2,3]]",
	  "one is missing, another differs" },
	{ { "{'d':[]}", "{'d':[{'name':'b','s':3}]}" },
	  "[['d.b',null,{'name':'b','s':3}]]",
	  "added to an empty list" },
	{ { "{'d':[]}", "{}" }, "[['d',[],null]]", "an empty list is there" },
	{ { "{'m':[{'point':'/','t':1},{'point':'/a b','t':1}]}",
	    "{'m':[{'point':'/','t':1},{'point':'/a b','t':2}]}" },
	  "[['m./a b.t',1,2]]",
	  "by mount point" },
	{ { "{'m':[{'point':'/','t':1},{'point':'/','t':2}]}",
	    "{'m':[{'point':'/','t':1},{'point':'/','t':3},{'point':'/','t':4}]}" },
	  "[['m./#2.t',2,3],['m./#3',null,{'point':'/','t':4}]]",
	  "of one name the first, the second" },
	{ { "{'m':[{'point':'/#2','t':1},{'point':'/','t':1},{'point':'/','t':2}]}",
	    "{'m':[{'point':'/#2','t':1},{'point':'/','t':1},{'point':'/','t':3}]}" },
	  "[['m./#3.t',2,3]]",
	  "a name that looks like one of these" },
	{ { "{'mounts':[{'point':'/run/user/1','t':1}]}",
	    "{'mounts':[{'point':'/run/user/2','t':1}]}" },
	  "[]",
	  "an entry that is ignored" },
	{ { "{'n':[{'id':0,'b':1},{'id':1,'b':1}]}", "{'n':[{'id':1,'b':2},{'id':0,'b':1}]}" },
	  "[['n.1.b',1,2]]",
	  "by number" },
	{ { "{'c':[{'level':1,'type':'Data','s':1},{'level':1,'type':'Instruction','s':1}]}",
	    "{'c':[{'level':1,'type':'Data','s':2},{'level':1,'type':'Instruction','s':1}]}" },
	  "[['c.1 Data.s',1,2]]",
	  "by two keys" },
	{ { "{'c':[{'level':1,'type':'Data'}]}", "{'c':[{'level':2}]}" },
	  "[['c[0].level',1,2],['c[0].type','Data',null]]",
	  "by position where not all have both" },
	{ { "{'c':[{'x':1},{'x':2}]}", "{'c':[{'x':1},{'x':3}]}" },
	  "[['c[1].x',2,3]]",
	  "by position where nothing names them" },
	{ { "{'c':[{'name':['a'],'x':2}]}", "{'c':[{'name':['a'],'x':3}]}" },
	  "[['c[0].x',2,3]]",
	  "a list is no name" },

	{ { "{'a':1}", "{'a':1}", "{'a':1}" }, "[]", "three of a kind" },
	{ { "{'a':1}", "{'a':1}", "{'a':2}" }, "[['a',1,1,2]]", "the last is another" },
	{ { "{'d':[{'name':'a','s':1}]}", "{'d':[]}", "{'d':[{'name':'a','s':2}]}" },
	  "[['d.a',{'name':'a','s':1},null,{'name':'a','s':2}],['d.a.s',1,null,2]]",
	  "what one lacks is compared between the others" },
	{ { "{'a':{'b':1}}", "{'a':3}", "{}" },
	  "[['a',{'b':1},3,null]]",
	  "three that have nothing in common" },
};

/* [{"path", "values"}] as the table has it. */
static json_t *flat(const json_t *told)
{
	json_t *all = json_array(), *t;
	size_t i;

	json_array_foreach(told, i, t) {
		json_t *one = json_array();

		json_array_append(one, json_object_get(t, "path"));
		json_array_extend(one, json_object_get(t, "values"));
		json_array_append_new(all, one);
	}
	return all;
}

static void check(const char *const *texts, uint64_t part, const char *path, const char *want,
		  const char *why)
{
	json_t *told = json_array(), *got, *values[RUNS] = { NULL };
	size_t n = 0;

	for (; n < RUNS && texts[n]; n++)
		values[n] = json_case(texts[n]);
	assert_int_equal(differ((const json_t *const *)values, n, part, path, rules, told), 0);
	got = flat(told);
	json_case_is(got, want, why);
	for (size_t i = 0; i < n; i++)
		json_decref(values[i]);
	json_decref(got);
	json_decref(told);
}

static void differences(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(cases[i].values, ALL, "", cases[i].want, cases[i].why);
}

static void not_all_take_part(void **state)
{
	static const char *const texts[RUNS] = { "{'a':1}", "{}", "{'a':2}" };

	(void)state;
	check(texts, 1 | 4, "", "[['a',1,null,2]]", "one is not looked at");
	check(texts, 1, "", "[]", "one alone");
	check(texts, 0, "", "[]", "nobody");
	check(texts, ALL, "host", "[['host.a',1,null,2]]", "with a path before it");
}

static void bare_values(void **state)
{
	static const char *const texts[RUNS] = { "'0.1.0'", "'0.2.0'" };
	static const char *const same[RUNS] = { "'0.1.0'", "'0.1.0'" };

	(void)state;
	check(texts, ALL, "version", "[['version','0.1.0','0.2.0']]", "texts");
	check(same, ALL, "version", "[]", "the same");
}

static void absent_values(void **state)
{
	json_t *one = json_string("x"), *told = json_array(), *got;
	const json_t *const values[] = { one, NULL }, *const none[] = { NULL, NULL };

	(void)state;
	assert_int_equal(differ(none, 2, ALL, "v", NULL, told), 0);
	assert_int_equal(json_array_size(told), 0);
	assert_int_equal(differ(values, 2, ALL, "v", NULL, told), 0);
	got = flat(told);
	json_case_is(got, "[['v','x',null]]", "one of two");
	json_decref(got);
	json_decref(told);
	json_decref(one);
}

/* As many as there may be, the last of them another. */
static void most_values(void **state)
{
	json_t *one = json_case("{'a':1}"), *other = json_case("{'a':2}"), *told = json_array();
	const json_t *values[DIFFER_MAX];

	(void)state;
	for (size_t i = 0; i < DIFFER_MAX; i++)
		values[i] = i + 1 < DIFFER_MAX ? one : other;
	assert_int_equal(differ(values, DIFFER_MAX, ALL, "", NULL, told), 0);
	assert_int_equal(json_array_size(told), 1);
	assert_int_equal(json_array_size(json_object_get(json_array_get(told, 0), "values")),
			 DIFFER_MAX);
	json_decref(told);
	json_decref(other);
	json_decref(one);
}

/* Names that are longer than any name: told by position, and no reason to run forever. */
static void long_names(void **state)
{
	static char name[100000];
	json_t *a, *b, *told = json_array(), *t;
	const json_t *values[2];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	a = json_pack("[{s:s, s:i}, {s:s, s:i}]", "name", name, "v", 1, "name", name, "v", 1);
	b = json_pack("[{s:s, s:i}, {s:s, s:i}]", "name", name, "v", 1, "name", name, "v", 2);
	values[0] = a;
	values[1] = b;
	assert_int_equal(differ(values, 2, ALL, "d", NULL, told), 0);
	assert_int_equal(json_array_size(told), 1);
	t = json_array_get(told, 0);
	assert_string_equal(json_string_value(json_object_get(t, "path")), "d[1].v");
	json_decref(a);
	json_decref(b);
	json_array_clear(told);
	a = json_pack("{s:i, s:i}", name, 1, "z", 1);
	b = json_pack("{s:i, s:i}", name, 2, "z", 2);
	values[0] = a;
	values[1] = b;
	assert_int_equal(differ(values, 2, ALL, "", NULL, told), 0);
	assert_int_equal(json_array_size(told), 2);
	t = json_array_get(told, 1);
	assert_string_equal(json_string_value(json_object_get(t, "path")), "z");
	json_decref(a);
	json_decref(b);
	json_decref(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences), cmocka_unit_test(not_all_take_part),
		cmocka_unit_test(bare_values), cmocka_unit_test(absent_values),
		cmocka_unit_test(most_values), cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
