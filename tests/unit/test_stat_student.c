// SPDX-License-Identifier: Apache-2.0
/* Distribution functions against published tables, and against each other. */
#include "stat/student.h"

#include <math.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	double p, df, t;
} table[] = {
	{ 0.975, 1, 12.706205 }, { 0.975, 2, 4.302653 },  { 0.975, 4, 2.776445 },
	{ 0.95, 10, 1.812461 },	 { 0.995, 30, 2.749996 }, { 0.975, 1e6, 1.959966 },
	{ 0.5, 3, 0 },		 { 0.025, 4, -2.776445 }, { 0.9995, 5, 6.868827 },
};

static void quantiles_are_those_of_tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		double t = stat_student_quantile(table[i].p, table[i].df);

		if (!(fabs(t - table[i].t) < 2e-6 * fmax(1, fabs(t))))
			fail_msg("t of %g with %g is %.7f", table[i].p, table[i].df, t);
	}
	assert_true(isinf(stat_student_quantile(1, 3)) && stat_student_quantile(1, 3) > 0);
	assert_true(isinf(stat_student_quantile(0, 3)) && stat_student_quantile(0, 3) < 0);
}

/* With one degree of freedom it is Cauchy's, with two it has a closed form. */
static void closed_forms(void **state)
{
	(void)state;
	for (double t = -50; t < 50; t += 0.37) {
		assert_true(fabs(stat_student_cdf(t, 1) - (0.5 + atan(t) / M_PI)) < 1e-12);
		assert_true(fabs(stat_student_cdf(t, 2) - (0.5 + t / 2 / sqrt(2 + t * t))) < 1e-12);
		assert_true(fabs(stat_student_cdf(t, 7.5) + stat_student_cdf(-t, 7.5) - 1) < 1e-12);
	}
}

static void normal(void **state)
{
	(void)state;
	assert_true(fabs(stat_normal_cdf(0) - 0.5) < 1e-15);
	assert_true(fabs(stat_normal_cdf(1.959963985) - 0.975) < 1e-9);
	assert_true(fabs(stat_normal_cdf(-3) - 0.001349898032) < 1e-12);
}

static void a_quantile_is_the_inverse(void **state)
{
	(void)state;
	for (double df = 1; df < 200; df *= 1.7)
		for (double p = 0.001; p < 1; p += 0.0173)
			assert_true(fabs(stat_student_cdf(stat_student_quantile(p, df), df) - p) <
				    1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_those_of_tables),
		cmocka_unit_test(closed_forms),
		cmocka_unit_test(normal),
		cmocka_unit_test(a_quantile_is_the_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
