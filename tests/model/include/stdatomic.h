/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stands in for the compiler's <stdatomic.h> where the core is compiled for the
 * model checker: each atomic operation becomes a call into it.  Every place in
 * the source leaves a record of itself, executed or not, so that no memory
 * order can be forgotten.
 */
#ifndef MC_STDATOMIC_H
#define MC_STDATOMIC_H

#include "../model.h"

#include <stdint.h>
#include <string.h>

typedef enum
{
  memory_order_relaxed = MC_RELAXED,
  memory_order_acquire = MC_ACQUIRE,
  memory_order_release = MC_RELEASE,
  memory_order_acq_rel = MC_ACQ_REL,
  memory_order_seq_cst = MC_SEQ_CST,
} memory_order;

typedef _Atomic bool atomic_bool;

/* The comma makes a value of it, which has no qualifiers. */
#define MC_VALUE_OF(p) __typeof__ ((void) 0, *(p))

/* A value of the type of *p as bits, and back; of a double too. */
#define MC_TO_BITS(p, value) __extension__ ({ \
  MC_VALUE_OF (p) mc_value = (value); \
  uint64_t mc_bits = 0; \
  memcpy (&mc_bits, &mc_value, sizeof (mc_value)); \
  mc_bits; })
#define MC_FROM_BITS(p, bits) __extension__ ({ \
  uint64_t mc_bits = (bits); \
  MC_VALUE_OF (p) mc_value; \
  memcpy (&mc_value, &mc_bits, sizeof (mc_value)); \
  mc_value; })

#define atomic_init(p, value) \
  mc_initialise ((p), sizeof (*(p)), MC_TO_BITS (p, value))

#define atomic_load_explicit(p, order) __extension__ ({ \
  MC_SITE ("load", order, MC_NO_ORDER); \
  MC_FROM_BITS (p, mc_load (&mc_site, (p), sizeof (*(p)))); })

#define atomic_store_explicit(p, value, order) __extension__ ({ \
  MC_SITE ("store", order, MC_NO_ORDER); \
  mc_store (&mc_site, (p), sizeof (*(p)), MC_TO_BITS (p, value)); })

#define MC_MODIFY(name, p, operand, order, how) __extension__ ({ \
  MC_SITE (name, order, MC_NO_ORDER); \
  MC_FROM_BITS (p, mc_modify (&mc_site, (p), sizeof (*(p)), how, \
          MC_TO_BITS (p, operand))); })

#define atomic_fetch_add_explicit(p, operand, order) \
  MC_MODIFY ("fetch_add", p, operand, order, MC_FETCH_ADD)
#define atomic_fetch_sub_explicit(p, operand, order) \
  MC_MODIFY ("fetch_sub", p, operand, order, MC_FETCH_SUB)
#define atomic_fetch_or_explicit(p, operand, order) \
  MC_MODIFY ("fetch_or", p, operand, order, MC_FETCH_OR)
#define atomic_fetch_and_explicit(p, operand, order) \
  MC_MODIFY ("fetch_and", p, operand, order, MC_FETCH_AND)
#define atomic_exchange_explicit(p, operand, order) \
  MC_MODIFY ("exchange", p, operand, order, MC_EXCHANGE)

#define atomic_compare_exchange_strong_explicit(p, expected, desired, order, \
    failure) __extension__ ({ \
  MC_SITE ("compare_exchange", order, failure); \
  uint64_t mc_expected = MC_TO_BITS (expected, *(expected)); \
  bool mc_done = mc_compare_exchange (&mc_site, (p), sizeof (*(p)), \
      &mc_expected, MC_TO_BITS (p, desired)); \
  *(expected) = MC_FROM_BITS (expected, mc_expected); \
  mc_done; })

/* It does not fail without a reason here. */
#define atomic_compare_exchange_weak_explicit \
  atomic_compare_exchange_strong_explicit

#define atomic_thread_fence(order) __extension__ ({ \
  MC_SITE ("fence", order, MC_NO_ORDER); mc_fence (&mc_site); })

#define atomic_signal_fence(order) __extension__ ({ \
  MC_SITE ("signal_fence", order, MC_NO_ORDER); mc_light_fence (&mc_site); })

#endif
