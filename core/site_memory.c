// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What was said of sites and joints, over a restart: so that nothing is said twice,
 * and a joint is what it is since when it has been so.
 */
#include <zebra.h>

#include "lib/memory.h"

#include "core/internal.h"
#include "core/mgroup.h"
#include "core/site_internal.h"

DEFINE_MTYPE_STATIC(ER_CORE, ER_JOINT_RESTORED, "ExpressRoute restored joint");
DEFINE_MTYPE_STATIC(ER_CORE, ER_SITE_RESTORED, "ExpressRoute restored site");

void er_site_memory_start(struct er_global_reach *reach)
{
	er_joint_memories_init(&reach->joint_memories);
	er_site_memories_init(&reach->site_memories);
}

void er_site_memory_stop(struct er_global_reach *reach)
{
	struct er_joint_restored *joint;
	struct er_site_restored *site;

	while ((joint = er_joint_memories_pop(&reach->joint_memories)))
		XFREE(MTYPE_ER_JOINT_RESTORED, joint);
	while ((site = er_site_memories_pop(&reach->site_memories)))
		XFREE(MTYPE_ER_SITE_RESTORED, site);
	er_joint_memories_fini(&reach->joint_memories);
	er_site_memories_fini(&reach->site_memories);
}

/* Between the clocks: the machine's may have begun later, and the other been set. */
static int64_t mono_of(struct er_time now, int64_t wall_s)
{
	return now.mono_ms - MAX(now.wall_s - wall_s, 0) * 1000;
}

static int64_t wall_of(struct er_time now, int64_t mono_ms)
{
	return now.wall_s - (now.mono_ms - mono_ms) / 1000;
}

/*
 * Joints
 */
static void joint_take(struct er_core *core, struct er_joint *joint,
		       const struct er_joint_memory *memory)
{
	struct er_joint_family *f = &joint->family[memory->family];

	if (!strmatch(memory->circuit, joint->config->circuit) || joint->config->shutdown ||
	    f->said.state != ER_JOINT_INACTIVE)
		return;
	f->said.state = memory->said;
	f->said.asymmetric = memory->asymmetric;
	f->said.incomplete = memory->incomplete;
	f->said.since_ms = mono_of(core->now, memory->since_wall);
	f->said.restored = true;
	f->seen = memory->seen;
}

void er_joint_take_memory(struct er_core *core, struct er_joint *joint)
{
	struct er_joint_restored *restored;

	frr_each (er_joint_memories, &core->reach->joint_memories, restored)
		if (strmatch(restored->memory.joint, joint->name))
			joint_take(core, joint, &restored->memory);
	er_joint_forget_memory(core->reach, joint->name);
}

void er_joint_forget_memory(struct er_global_reach *reach, const char *joint)
{
	struct er_joint_restored *restored;

	frr_each_safe (er_joint_memories, &reach->joint_memories, restored) {
		if (!strmatch(restored->memory.joint, joint))
			continue;
		er_joint_memories_del(&reach->joint_memories, restored);
		XFREE(MTYPE_ER_JOINT_RESTORED, restored);
	}
}

void er_joint_restore(struct er_core *core, const struct er_joint_memory *memory)
{
	struct er_joint *joint = er_joint_find(core->reach, memory->joint);
	struct er_joint_restored *restored;

	if ((unsigned int)memory->family >= ER_FAMILIES || !er_joint_is_definite(memory->said))
		return;
	if (joint) {
		joint_take(core, joint, memory);
		return;
	}
	restored = XCALLOC(MTYPE_ER_JOINT_RESTORED, sizeof(*restored));
	restored->memory = *memory;
	er_joint_memories_add_tail(&core->reach->joint_memories, restored);
}

static void joint_remember(const struct er_joint *joint, struct er_time now, er_joint_memory_cb cb,
			   void *arg)
{
	struct er_joint_memory memory = { .wall_s = now.wall_s };

	strlcpy(memory.joint, joint->name, sizeof(memory.joint));
	strlcpy(memory.circuit, joint->config->circuit, sizeof(memory.circuit));
	for (enum er_family family = ER_IPV4; family < ER_FAMILIES; family++) {
		const struct er_joint_family *f = &joint->family[family];

		if (!er_joint_is_definite(f->said.state))
			continue;
		memory.family = family;
		memory.said = f->said.state;
		memory.asymmetric = f->said.asymmetric;
		memory.incomplete = f->said.incomplete;
		memory.seen = f->seen;
		memory.since_wall = wall_of(now, f->said.since_ms);
		cb(&memory, arg);
	}
}

void er_joint_remember(const struct er_core *core, struct er_time now, er_joint_memory_cb cb,
		       void *arg)
{
	const struct er_joint_restored *restored;
	const struct er_joint *joint;

	frr_each (er_joints_const, &core->reach->joints, joint)
		joint_remember(joint, now, cb, arg);
	frr_each (er_joint_memories_const, &core->reach->joint_memories, restored)
		cb(&restored->memory, arg);
}

/*
 * Sites
 */
void er_heard_take_memory(struct er_core *core, const char *site, struct er_heard *heard)
{
	struct er_site_restored *restored;

	frr_each_safe (er_site_memories, &core->reach->site_memories, restored) {
		if (!strmatch(restored->memory.site, site) ||
		    !strmatch(restored->memory.circuit, heard->circuit) ||
		    restored->memory.family != heard->family)
			continue;
		heard->said.count = restored->memory.told;
		er_site_memories_del(&core->reach->site_memories, restored);
		XFREE(MTYPE_ER_SITE_RESTORED, restored);
	}
}

void er_site_forget_memory(struct er_global_reach *reach, const char *site, const char *circuit)
{
	struct er_site_restored *restored;

	frr_each_safe (er_site_memories, &reach->site_memories, restored) {
		if ((site && !strmatch(restored->memory.site, site)) ||
		    (circuit && !strmatch(restored->memory.circuit, circuit)))
			continue;
		er_site_memories_del(&reach->site_memories, restored);
		XFREE(MTYPE_ER_SITE_RESTORED, restored);
	}
}

void er_site_restore(struct er_core *core, const struct er_site_memory *memory)
{
	struct er_heard *heard = er_heard_find(core->reach, memory->site, memory->circuit,
					       memory->family);
	struct er_site_restored *restored;

	if ((unsigned int)memory->family >= ER_FAMILIES || !memory->told)
		return;
	if (heard) {
		heard->said.count = memory->told;
		return;
	}
	restored = XCALLOC(MTYPE_ER_SITE_RESTORED, sizeof(*restored));
	restored->memory = *memory;
	er_site_memories_add_tail(&core->reach->site_memories, restored);
}

static void site_remember(const struct er_known_site *site, struct er_time now,
			  er_site_memory_cb cb, void *arg)
{
	const struct er_heard *heard;

	frr_each (er_heards_const, &site->heard, heard) {
		struct er_site_memory memory = {
			.family = heard->family,
			.told = heard->said.count,
			.wall_s = now.wall_s,
		};

		if (!memory.told)
			continue;
		strlcpy(memory.site, site->name, sizeof(memory.site));
		strlcpy(memory.circuit, heard->circuit, sizeof(memory.circuit));
		cb(&memory, arg);
	}
}

void er_site_remember(const struct er_core *core, struct er_time now, er_site_memory_cb cb,
		      void *arg)
{
	const struct er_site_restored *restored;
	const struct er_known_site *site;

	frr_each (er_known_sites_const, &core->reach->sites, site)
		site_remember(site, now, cb, arg);
	site_remember(&core->reach->undeclared, now, cb, arg);
	frr_each (er_site_memories_const, &core->reach->site_memories, restored)
		cb(&restored->memory, arg);
}
