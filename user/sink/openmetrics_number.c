// SPDX-License-Identifier: Apache-2.0
/* Numbers as OpenMetrics has them: exact, and one text for one value. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/openmetrics_parts.h"

/* Exponents from here on are written as such, as the reference of OpenMetrics does. */
#define SMALLEST_EXPONENT -4
#define LARGEST_EXPONENT 5

void om_number(double value, bool plain, char *text)
{
	char digits[OM_NUMBER_MAX], *e;
	int precision = 0, exponent, len;

	do
		snprintf(digits, sizeof(digits), "%.*e", precision, value);
	while (strtod(digits, NULL) != value && ++precision < 17);
	e = strchr(digits, 'e');
	if (!e) { /* inf, nan: never get here, but are no reason to fall */
		snprintf(text, OM_NUMBER_MAX, "NaN");
		return;
	}
	exponent = atoi(e + 1);
	if (exponent < SMALLEST_EXPONENT || exponent > LARGEST_EXPONENT) {
		snprintf(text, OM_NUMBER_MAX, "%s", digits);
		return;
	}
	len = precision > exponent ? precision - exponent : 0;
	if (!len && !plain)
		len = 1;
	snprintf(text, OM_NUMBER_MAX, "%.*f", len, value);
}

void om_decimal(int64_t value, unsigned int digits, char *text)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value, scale = 1;
	int len;

	for (unsigned int i = 0; i < digits; i++)
		scale *= 10;
	len = snprintf(text, OM_NUMBER_MAX, "%s%" PRIu64, value < 0 ? "-" : "", left / scale);
	if (!(left % scale))
		return;
	len += snprintf(text + len, OM_NUMBER_MAX - len, ".%0*" PRIu64, (int)digits, left % scale);
	while (text[len - 1] == '0')
		text[--len] = '\0';
}
