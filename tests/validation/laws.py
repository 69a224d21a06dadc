"""Laws that hold for whatever data there are, and the test that tries to break each."""

from __future__ import annotations

from typing import NamedTuple


class Law(NamedTuple):
    """One law: of what, in a sentence, and the node of its test, from the folder `tests` on."""

    estimator: str
    sentence: str
    node: str


ENGINES = "All engines give the same numbers."
SCORES, GAP, DRIVERS = "scores/test_properties.py", "csi/test_gap.py", "csi/test_drivers.py"
MULTINOMIAL, CHURN, STATISTICS = "statistics/test_multinomial.py", "churn", "statistics"

LAWS = {
    "Scores": [
        Law("score", "The estimate lies in its interval.", f"{SCORES}::test_the_estimate_lies_in_its_interval"),
        Law("score", "Scores and limits stay on the scale.", f"{SCORES}::test_scores_stay_on_the_scale"),
        Law("score", "The order of rows changes nothing.", f"{SCORES}::test_the_order_of_rows_does_not_matter"),
        Law("score", "The unit of the weights changes nothing.", f"{SCORES}::test_the_unit_of_weights_does_not_matter"),
        Law("score", ENGINES, f"{SCORES}::test_engines_agree"),
        Law("from_counts", "Counts and answers give the same.", "scores/test_counts.py::test_counts_and_answers_agree"),
        Law("compare", "A comparison turned round changes its sign, and nothing else.",
            f"{SCORES}::test_a_comparison_turned_round_changes_its_sign"),
        Law("compare", "p is below 1 - level where the interval leaves zero out, and only there.",
            f"{SCORES}::test_p_values_agree_with_their_interval"),
        Law("decompose", "Rate and mix of all segments sum to the change.", "scores/test_decompose.py::test_parts_sum_to_the_change"),
        Law("rake", "Every margin is met, and cells keep their proportions.",
            "scores/test_raking.py::test_every_margin_is_met_and_cells_keep_their_proportions"),
        Law("scales", "Every point is in exactly one band.", "test_scales.py::test_every_point_is_in_exactly_one_band"),
        Law("suppression", "No margin shows a single hidden cell.",
            "estimation/test_suppression.py::test_no_margin_has_a_single_hidden_cell_or_a_small_hidden_sum"),
    ],
    "Satisfaction": [
        Law("gap", "Identical columns have no gap.", f"{GAP}::test_identical_columns_have_no_gap"),
        Law("gap", "The order of rows and weights of one change nothing.",
            f"{GAP}::test_order_of_rows_and_unit_weights_change_nothing"),
        Law("index", "Whoever gives the top answer everywhere is at 100.", "csi/test_index.py::test_all_top_is_100"),
        Law("drivers", "Parts sum to R², and neither order nor unit of the items counts.", f"{DRIVERS}::test_laws"),
        Law("drivers", "Two copies of an item share its part equally.", f"{DRIVERS}::test_a_duplicated_driver_is_split_equally"),
        Law("path_model", "Shift, scale and order of the items change nothing.", "statistics/test_pls.py::test_laws"),
        Law("path_model", "A construct alone is its first principal component.",
            "statistics/test_pls.py::test_a_construct_alone_is_its_first_principal_component"),
        Law("reliability", "Equal correlations have closed forms.",
            "statistics/test_reliability.py::test_equal_correlations_have_closed_forms"),
    ],
    "Churn": [
        Law("survival", "Without censoring it is the empirical survival.",
            f"{CHURN}/test_survival.py::test_without_censoring_it_is_the_empirical_survival"),
        Law("survival", "Order, names and units change nothing.", f"{CHURN}/test_survival.py::test_order_names_and_units_change_nothing"),
        Law("cumulative_incidence", "Causes and those who are there sum to one.",
            f"{CHURN}/test_incidence.py::test_causes_and_who_is_there_sum_to_one"),
        Law("cox", "Order, units and intervals split where nothing changes change nothing.",
            f"{CHURN}/test_cox.py::test_order_units_and_splits_change_nothing"),
        Law("rate", "Start less leavers and others plus entrants is the end.", f"{CHURN}/test_rates.py::test_the_book_balances"),
        Law("rate", "The order of rows changes nothing.", f"{CHURN}/test_rates.py::test_order_changes_nothing"),
        Law("preventable share", "Who nobody met has exactly nothing.",
            f"{STATISTICS}/test_preventable.py::test_a_touchpoint_nobody_met_has_exactly_nothing"),
        Law("preventable share", "Order and names of touchpoints change nothing.",
            f"{STATISTICS}/test_preventable.py::test_order_and_numbers_do_not_matter"),
        Law("Shapley values", "Quadrature is the enumeration of all coalitions, and sums to the whole.",
            f"{STATISTICS}/test_shapley.py::test_quadrature_is_the_enumeration"),
        Law("paths, Markov", "The base rate is the one observed, at every order.",
            f"{STATISTICS}/test_markov.py::test_base_rate_is_the_rate_observed_at_every_order"),
        Law("paths, Markov", "Names of touchpoints change nothing.",
            f"{STATISTICS}/test_markov.py::test_numbers_of_touchpoints_do_not_matter"),
        Law("paths, rules", "Every rule gives away each path exactly once.",
            f"{STATISTICS}/test_paths.py::test_every_rule_gives_away_each_path_once"),
        Law("paths, Shapley", "Credits by sets are Shapley values.", f"{STATISTICS}/test_paths.py::test_set_credits_are_shapley_values"),
    ],
    "Loyalty": [
        Law("fit", "Another unit of time rescales the parameters exactly.",
            f"{STATISTICS}/test_purchasing.py::test_another_unit_of_time_rescales_the_parameters"),
        Law("fit", "A customer counted twice is two customers.", f"{STATISTICS}/test_purchasing.py::test_counts_stand_for_rows"),
        Law("fit", "Gradients are those of the likelihood.",
            f"{STATISTICS}/test_purchasing.py::test_gradients_are_those_of_the_likelihood"),
        Law("fit", "With k = 1 the regular models are the plain ones.",
            f"{STATISTICS}/test_purchasing.py::test_a_regular_process_of_k_1_is_the_plain_model"),
        Law("probability_alive", "It falls with silence.",
            f"{STATISTICS}/test_purchase_predictions.py::test_probability_alive_falls_with_silence"),
        Law("history", "Compression keeps every customer.", f"{STATISTICS}/test_histories.py::test_compression_keeps_every_customer"),
        Law("cohorts", "The order of rows and duplicates change nothing.",
            "loyalty/test_cohorts.py::test_row_order_and_duplicates_change_nothing"),
        Law("revenue_retention", "The bridge from start to end sums exactly.",
            "loyalty/test_revenue_retention.py::test_the_bridge_sums_exactly"),
        Law("wallet", "Shares of a customer's brands sum to one.", "loyalty/test_wallet.py::test_shares_sum_to_one"),
    ],
    "Stages": [
        Law("consistency", "Shift and order of the channels change no spread, a scale multiplies it, and the test stays.",
            f"{STATISTICS}/test_variance_components.py::test_shift_scale_and_order"),
        Law("segment", "Order of rows and units of features change nothing.",
            "stages/test_segment.py::test_order_and_units_do_not_matter"),
        Law("segment", "Labels of segments do not count in their agreement.",
            f"{STATISTICS}/test_partitions.py::test_labels_do_not_matter"),
        Law("pain_points", "A scale turned round gives the same.",
            "stages/test_pain_points.py::test_lower_is_better_turns_the_scale_round"),
        Law("pain_points", "The same seed gives the same bytes on every engine.",
            "stages/test_pain_points.py::test_engines_agree_to_the_byte_of_the_seed"),
    ],
    "Statistics underneath": [
        Law("net_interval", "Estimates lie inside, limits on the scale.",
            f"{MULTINOMIAL}::test_estimate_lies_inside_its_interval_on_the_scale"),
        Law("net_interval", "Top and bottom exchanged mirror the interval.",
            f"{MULTINOMIAL}::test_swapping_top_and_bottom_mirrors_the_interval"),
        Law("net_interval", "Score limits lie where the test turns.",
            f"{MULTINOMIAL}::test_score_limits_lie_on_the_edge_of_the_test"),
        Law("proportion_interval", "Estimates lie inside, and failures mirror successes.",
            f"{STATISTICS}/test_proportions.py::test_estimate_lies_inside_on_the_scale_and_mirrors"),
        Law("calibration", "Reachable margins are met and the sum of weights is kept.",
            f"{STATISTICS}/test_calibration.py::test_reachable_margins_are_met_and_the_sum_is_kept"),
        Law("calibration", "Targets already met leave the weights alone.",
            f"{STATISTICS}/test_calibration.py::test_targets_already_met_leave_the_weights_alone"),
        Law("change_points", "The segmentation is the best of all there are.",
            f"{STATISTICS}/test_change_points.py::test_segmentation_is_the_best_there_is"),
        Law("change_points", "Unit and origin change no place of a change.",
            f"{STATISTICS}/test_change_points.py::test_unit_and_origin_do_not_matter"),
        Law("nelson_signals", "Flags do not change when periods are added.",
            f"{STATISTICS}/test_control.py::test_flags_do_not_change_when_periods_are_added"),
        Law("trend_test", "A shift leaves the slope, a scale multiplies it.", f"{STATISTICS}/test_trend.py::test_shift_and_scale"),
        Law("tally", "Tallies of parts add up to that of the whole.", "tables/test_tally.py::test_the_parts_add_up_to_the_whole"),
    ],
}  # fmt: skip
