// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs of property tests: by seed, or by the bytes of a file, for a fuzzer.
 */
#include <zebra.h>

#include <string.h>

#include "tests/core/random.h"

static int run_file(const char *path, run_fn run)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	run((struct source){ .bytes = bytes, .n = n }, 0);
	return 0;
}

bool take_arguments(int argc, char **argv, run_fn run, struct seeds *seeds, int *ret)
{
	if (argc == 3 && strmatch(argv[1], "-f")) {
		*ret = run_file(argv[2], run);
		return true;
	}
	if (argc == 2)
		*seeds = (struct seeds){ strtoull(argv[1], NULL, 10), 1 };
	return false;
}

void run_seeds(const struct seeds *seeds, run_fn run)
{
	for (uint64_t seed = seeds->first; seed < seeds->first + seeds->n; seed++)
		run((struct source){ .state = seed * UINT64_C(0x9e3779b97f4a7c15) }, seed);
}
