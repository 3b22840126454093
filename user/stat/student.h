/* SPDX-License-Identifier: Apache-2.0 */
/* The normal distribution and Student's t. */
#ifndef CBPF_STAT_STUDENT_H
#define CBPF_STAT_STUDENT_H

double stat_normal_cdf(double z);

/*
 * P(T <= @t) with @df > 0 degrees of freedom, by the continued fraction of the incomplete beta
 * function (DLMF 8.17.22). Its absolute error is below 1e-12 up to a million of these.
 */
double stat_student_cdf(double t, double df);
/* The t with stat_student_cdf(t) = @p, for @p within (0, 1); infinite outside of it. */
double stat_student_quantile(double p, double df);

#endif
