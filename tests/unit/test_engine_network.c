// SPDX-License-Identifier: Apache-2.0
/* Requests about networks and volumes. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

static void test_networks(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/networks/create", 201, "{\"Id\": \"1\"}",
		  "{\"Name\": \"n\", \"CheckDuplicate\": true, \"Driver\": \"bridge\", "
		  "\"Labels\": {\"a\": \"b\"}, \"IPAM\": {\"Config\": [{\"Subnet\": "
		  "\"10.9.0.0/24\"}]}}",
		  0, 0 },
		{ "POST /v1.41/networks/create", 409,
		  "{\"message\": \"network with name m already exists\"}",
		  "{\"Name\": \"m\", \"CheckDuplicate\": true, \"Driver\": \"macvlan\", "
		  "\"Labels\": {}}",
		  0, 0 },
		{ "GET /v1.41/networks/n", 200,
		  "{\"IPAM\": {\"Config\": [{\"Subnet\": \"10.9.0.0/24\"}]}}", NULL, 0, 0 },
		{ "GET /v1.41/networks/none", 200, "{}", NULL, 0, 0 },
		{ "POST /v1.41/networks/n/connect", 200, "",
		  "{\"Container\": \"c\", \"EndpointConfig\": {\"x\": 1}}", 0, 0 },
		{ "DELETE /v1.41/networks/n", 204, "", NULL, 0, 0 },
		{ "DELETE /v1.41/networks/n", 404, "{\"message\": \"not found\"}", NULL, 0, 0 },
		{ "DELETE /v1.41/networks/n", 403, "{\"message\": \"has active endpoints\"}", NULL,
		  0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct str_map labels = { 0 };
	struct err err = { 0 };
	char subnet[32];

	(void)state;
	assert_int_equal(str_map_set(&labels, "a", "b"), 0);
	assert_int_equal(engine_network_create(e, "n", NULL, "10.9.0.0/24", &labels, &err), 0);
	assert_int_equal(engine_network_create(e, "m", "macvlan", NULL, NULL, &err), -EEXIST);
	assert_non_null(strstr(err.text, "creating network 'm'"));
	assert_int_equal(engine_network_inspect(e, "n", subnet, sizeof(subnet), &err), 0);
	assert_string_equal(subnet, "10.9.0.0/24");
	assert_int_equal(engine_network_inspect(e, "none", subnet, sizeof(subnet), &err), 0);
	assert_string_equal(subnet, "");
	assert_int_equal(engine_network_connect(e, "n", "c", json_pack("{s:i}", "x", 1), &err), 0);
	assert_int_equal(engine_network_remove(e, "n", &err), 0);
	assert_int_equal(engine_network_remove(e, "n", &err), 0);
	assert_int_equal(engine_network_remove(e, "n", &err), -EACCES);
	assert_non_null(strstr(err.text, "removing network 'n'"));
	str_map_fini(&labels);
	engine_close(e);
	fake_engine_stop(f);
}

static void test_volumes(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/volumes/create", 201, "{}", "{\"Name\": \"v\", \"Labels\": {}}", 0,
		  0 },
		{ "GET /v1.41/volumes/v", 200, "{\"Mountpoint\": \"/m\"}", NULL, 0, 0 },
		{ "GET /v1.41/volumes/w", 404, "{\"message\": \"no such volume\"}", NULL, 0, 0 },
		{ "DELETE /v1.41/volumes/v?force=1", 204, "", NULL, 0, 0 },
		{ "DELETE /v1.41/volumes/v?force=1", 409, "{\"message\": \"volume is in use\"}",
		  NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	char at[32];

	(void)state;
	assert_int_equal(engine_volume_create(e, "v", NULL, &err), 0);
	assert_int_equal(engine_volume_inspect(e, "v", at, sizeof(at), &err), 0);
	assert_string_equal(at, "/m");
	assert_int_equal(engine_volume_inspect(e, "w", NULL, 0, &err), -ENOENT);
	assert_int_equal(engine_volume_remove(e, "v", &err), 0);
	assert_int_equal(engine_volume_remove(e, "v", &err), -EEXIST);
	assert_non_null(strstr(err.text, "volume is in use"));
	engine_close(e);
	fake_engine_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_volumes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
