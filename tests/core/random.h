// SPDX-License-Identifier: GPL-2.0-or-later
#ifndef ER_TEST_RANDOM_H
#define ER_TEST_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Randomness: from a seed (xorshift), or from given bytes until they end.
 */
struct source {
	uint64_t state;
	const uint8_t *bytes;
	size_t n;
};

static inline uint32_t any(struct source *s, uint32_t below)
{
	uint32_t v;

	if (s->bytes) {
		if (!s->n)
			return 0;
		s->n--;
		v = *s->bytes++;
		return v % below;
	}
	s->state ^= s->state << 13;
	s->state ^= s->state >> 7;
	s->state ^= s->state << 17;
	return (s->state >> 24) % below;
}

static inline bool one_in(struct source *s, uint32_t n)
{
	return any(s, n) == n - 1;
}

/* One run of a property test. */
typedef void (*run_fn)(struct source source, uint64_t seed);

/* Which seeds are tried: the first n, or the one that was asked for. */
struct seeds {
	uint64_t first, n;
};

/*
 * What stands behind the program's name: nothing, a seed, or -f FILE.  true: that
 * was all, with *ret to be returned; else the seeds are to be tried.
 */
bool take_arguments(int argc, char **argv, run_fn run, struct seeds *seeds, int *ret);

void run_seeds(const struct seeds *seeds, run_fn run);

#endif /* ER_TEST_RANDOM_H */
