// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Global Reach: sites behind other circuits, and the joints that bring them.
 *
 * A joint (`global-reach NAME`) connects the private peering of one of our
 * circuits with that of another one, so what the other's site advertises arrives
 * here beside the VNets.  Whose a route is says its AS path, by the ASes other
 * than 12076 and those that Microsoft reserves, however often those stand in it:
 *
 *   no other AS                       Azure's
 *   our own AS                        our own that comes back (reflected), but
 *                                     a same-as site's when that has the prefix
 *   the last AS is a site's           that site's
 *   any other                         undeclared
 *
 *   site.c        classification and rules, pure: bgpd's module asks them of each
 *                 route (bgpd/er_bgp_site.c), and counts
 *   site_core.c   sites and joints within er_core: configuration, state, notices;
 *                 site_internal.h is what it keeps
 *   site_hidden.c what of a site may be hidden on a link that ends on a partner
 *   site_memory.c what was said of them, over a restart
 *
 * bgpd's module tells what it has counted of a circuit all at once: one
 * ER_EV_SITE_STATE for each site that has anything to tell, then one for what is
 * undeclared (.site ""), at which the new counts take effect: at ER_EV_BGPD_SYNCED,
 * if that is awaited.
 */
#ifndef ER_SITE_H
#define ER_SITE_H

#include "core/guard.h"
#include "core/types.h"

/* Prefixes that are named, of any number. */
#define ER_SITE_EXAMPLES 8

struct er_core;
struct er_time;

/* YANG: site-preference.  Against the private WAN. */
enum er_site_preference {
	ER_SITE_PREFER, /* as any route of the circuit */
	ER_SITE_EQUAL,	/* bgpd's default */
	ER_SITE_BACKUP, /* below it */
	ER_SITE_PREFERENCES
};

/* YANG: undeclared-sites.  What comes from an AS that is no site's. */
enum er_undeclared {
	ER_UNDECLARED_TELL, /* not configured: accepted, and told of once there is a joint */
	ER_UNDECLARED_ACCEPT,
	ER_UNDECLARED_REFUSE, /* and told of */
	ER_UNDECLAREDS
};

/* Arrays belong to whoever owns the config.  What only documents is in the datastore. */
struct er_site_config {
	char name[ER_NAME_LEN];
	uint32_t *as;
	size_t n_as;
	struct prefix *prefix; /* these and all within; none at all: every one, of both families */
	size_t n_prefixes;
	char (*circuit)[ER_NAME_LEN]; /* where it may be heard; none: on all */
	size_t n_circuits;
	enum er_site_preference preference;
	uint32_t maximum_prefixes; /* over one circuit in one family; 0: no limit */
	bool same_as;		   /* it has our own AS; needs a prefix */
};

struct er_joint_config {
	char name[ER_NAME_LEN];
	char circuit[ER_NAME_LEN];	  /* ours */
	char remote_circuit[ER_TEXT_LEN]; /* documents the other end; "": not given */
	char (*site)[ER_NAME_LEN];	  /* what lies behind it; none: whatever is not Azure's */
	size_t n_sites;
	struct prefix ipv4_subnet; /* family AF_UNSPEC: not given */
	bool shutdown;		   /* not watched; routes are treated as ever */
};

/*
 * A prefix by name.  Of a site it is one that is refused, by `rule`; of what is
 * undeclared any, and rule NONE when it is accepted.
 */
struct er_site_example {
	struct prefix prefix;
	uint32_t as; /* the last of its path that is a site's */
	enum er_rule rule;
};

/*
 * What bgpd's module counts of a site over a circuit in one family; of what is
 * undeclared when the site is "".  Over a link that ends on a partner, what iBGP
 * shows of it counts as accepted; what it refuses is the partner's to tell.
 */
struct er_site_facts {
	uint32_t both;		 /* accepted over both links ... */
	uint32_t only[ER_ROLES]; /* ... over this one and not its twin */
	/* over no link; by SITE_PREFIX, SITE_LIMIT, UNDECLARED_SITE, or any other rule */
	uint32_t refused_prefix, refused_limit, refused_undeclared, refused_other;
	uint8_t n_examples;
	struct er_site_example example[ER_SITE_EXAMPLES];
	/* of the site's prefixes of this family: nothing of it has been accepted */
	uint32_t missing;
	uint8_t n_missing; /* by name */
	struct prefix missing_prefix[ER_SITE_EXAMPLES];
	/* Azure's prefixes that overlap with one of the site's; of "": with a joint's subnet */
	uint32_t overlaps;
	uint8_t n_overlaps; /* by name */
	struct prefix overlap[ER_SITE_EXAMPLES];
};

/* Over any link. */
static inline uint32_t er_site_accepted(const struct er_site_facts *facts)
{
	return facts->both + facts->only[ER_PRIMARY] + facts->only[ER_SECONDARY];
}

/*
 * A link that ends on a partner (core/partner.h) may carry more than iBGP shows of it:
 * what is not seen there is not known to be lacking.  why: "" when nothing lacks that
 * may be hidden there.
 */
struct er_hidden {
	bool link[ER_ROLES];
	char why[ER_TEXT_LEN];
};

static inline bool er_is_any_hidden(const struct er_hidden *hidden)
{
	return hidden->link[ER_PRIMARY] || hidden->link[ER_SECONDARY];
}

/* A site over one circuit in one family, for readers. */
struct er_site_view {
	bool may_be_heard; /* on this circuit, which runs this family */
	bool known;	   /* bgpd has counted it; else all is 0 */
	struct er_site_facts facts;
	struct er_hidden hidden;
	uint32_t only[ER_ROLES];   /* of facts, what is known to be lacking on the twin */
	bool missing_known;	   /* facts.missing: none of it may be hidden */
	enum er_limit_level level; /* of maximum_prefixes */
};

/* YANG: joint-state */
enum er_joint_state {
	ER_JOINT_INACTIVE, /* shut down, or not run in this family */
	ER_JOINT_UNKNOWN,  /* bgpd's first count is awaited, bgpd is lost, or it is hidden */
	ER_JOINT_UNSEEN,   /* no route of the other side */
	ER_JOINT_ESTABLISHED,
	ER_JOINT_STATES
};

/* A joint in one family: for readers, and in its notices. */
struct er_joint_view {
	enum er_joint_state state;
	char reason[ER_TEXT_LEN]; /* why it is not established; "": it is */
	uint32_t prefixes;	  /* of its sites, accepted over any link of its circuit */
	uint32_t seen[ER_ROLES];  /* ... over this link */
	/* what of the partner's link is not known: it counts neither as lacking nor as missing */
	struct er_hidden hidden;
	uint32_t only[ER_ROLES]; /* ... over this link and not its twin */
	bool asymmetric;    /* only[] of links that are both up, settled: ER_PARITY_SETTLE_MS */
	bool incomplete;    /* missing, settled likewise */
	bool missing_known; /* there is no more that may be missing, or hidden */
	uint32_t missing;
	uint8_t n_missing;
	struct prefix missing_prefix[ER_SITE_EXAMPLES];
	/* of its sites, over its circuit */
	uint32_t refused_prefix, refused_limit, refused_undeclared, refused_other;
	/* VNet prefixes that its subnet or its sites' prefixes overlap with */
	uint32_t overlaps;
	uint8_t n_overlaps;
	struct prefix overlap[ER_SITE_EXAMPLES];
	/*
	 * Of the last change of state.  That nobody knew it for a while (bgpd was lost,
	 * erouted restarted) is none.  May be before the machine's start: negative.
	 */
	int64_t since_mono_ms;
};

/*
 * Classification.
 */
enum er_origin {
	ER_ORIGIN_AZURE,
	ER_ORIGIN_REFLECTED,
	ER_ORIGIN_SITE,
	ER_ORIGIN_UNDECLARED,
	ER_ORIGINS
};

/* What the path alone tells: as is 0 for Azure's. */
struct er_path_origin {
	bool own;    /* our own AS is in it */
	uint32_t as; /* the last that is neither 12076 nor reserved by Microsoft */
};

/* 12076, and the ASes of Microsoft's own: 65515 to 65520. */
bool er_as_is_microsofts(uint32_t as);

/* own_as 0: not known. */
struct er_path_origin er_path_origin(const struct er_path *path, uint32_t own_as);

/* The sites of a circuit, compiled; see er_sites_new(). */
struct er_sites;

/*
 * Copies what it needs of the n configurations.  circuit: of the sites' circuits
 * this is the one that asks.
 */
struct er_sites *er_sites_new(const struct er_site_config *const *config, size_t n,
			      const char *circuit, bool refuse_undeclared);
void er_sites_free(struct er_sites **sites);
size_t er_sites_count(const struct er_sites *sites);
const struct er_site_config *er_sites_get(const struct er_sites *sites, size_t site);
/* Its circuits hold the one that asks. */
bool er_sites_is_heard(const struct er_sites *sites, size_t site);
/* Of the site's prefixes the longest that contains this one; -1: none does. */
int er_site_prefix_of(const struct er_site_config *config, const struct prefix *prefix);
struct er_site_config *er_site_config_copy(const struct er_site_config *from);
void er_site_config_free(struct er_site_config **config);
bool er_site_may_be_heard(const struct er_site_config *config, const char *circuit);
/* Of a healthy route, or 0: as any of the circuit's.  passive: over its passive link. */
uint32_t er_site_local_pref(const struct er_site_config *config, bool passive);

/* *site: which, when it is ER_ORIGIN_SITE. */
enum er_origin er_site_classify(const struct er_sites *sites, const struct er_path_origin *path,
				const struct prefix *prefix, size_t *site);
/*
 * ER_RULE_NONE, OWN_AS, SITE_PREFIX or UNDECLARED_SITE.  *site likewise.  The
 * limit is for whoever counts.
 */
enum er_rule er_site_judge(const struct er_sites *sites, const struct er_path_origin *path,
			   const struct prefix *prefix, enum er_origin *origin, size_t *site);

/*
 * Reading er_core.  Sites and joints come in the order of their names.
 */
typedef int (*er_site_cb)(const struct er_site_config *config, void *arg);
int er_core_foreach_site(const struct er_core *core, er_site_cb cb, void *arg);
const struct er_site_config *er_core_site_config(const struct er_core *core, const char *site);
typedef int (*er_joint_cb)(const struct er_joint_config *config, void *arg);
int er_core_foreach_joint(const struct er_core *core, er_joint_cb cb, void *arg);
const struct er_joint_config *er_core_joint_config(const struct er_core *core, const char *joint);
enum er_undeclared er_core_undeclared(const struct er_core *core);
/* Is there anything to classify for? */
bool er_core_has_sites(const struct er_core *core);

/* Both fill *view and return false when there is no such thing.  site "": undeclared ones. */
bool er_core_site_state(const struct er_core *core, const char *site, const char *circuit,
			enum er_family family, struct er_site_view *view);
bool er_core_joint_state(const struct er_core *core, const char *joint, enum er_family family,
			 struct er_joint_view *view);

/*
 * Over a restart, so that nothing is said twice: what was last said of a joint in one
 * family, and since when it is so.
 */
struct er_joint_memory {
	char joint[ER_NAME_LEN];
	char circuit[ER_NAME_LEN]; /* its circuit: over another one it is another joint */
	enum er_family family;
	enum er_joint_state said; /* UNSEEN or ESTABLISHED */
	bool asymmetric, incomplete;
	bool seen; /* it has been established once */
	int64_t since_wall;
	int64_t wall_s; /* when all this was true */
};

/* What was told to be refused of a site, or seen of what is undeclared (site ""). */
struct er_site_memory {
	char site[ER_NAME_LEN];
	char circuit[ER_NAME_LEN];
	enum er_family family;
	uint32_t told; /* prefixes */
	int64_t wall_s;
};

/* Before the configuration comes or after, but before ER_EV_BGPD_SYNCED. */
void er_joint_restore(struct er_core *core, const struct er_joint_memory *memory);
void er_site_restore(struct er_core *core, const struct er_site_memory *memory);

/* What they are to be given after the next restart: what was restored and is not there (yet), too. */
typedef void (*er_joint_memory_cb)(const struct er_joint_memory *memory, void *arg);
void er_joint_remember(const struct er_core *core, struct er_time now, er_joint_memory_cb cb,
		       void *arg);
typedef void (*er_site_memory_cb)(const struct er_site_memory *memory, void *arg);
void er_site_remember(const struct er_core *core, struct er_time now, er_site_memory_cb cb,
		      void *arg);

#endif /* ER_SITE_H */
