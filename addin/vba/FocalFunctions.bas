Attribute VB_Name = "FocalFunctions"
Option Explicit
' Written by python -m pyfuncs.publish from the catalogue of worksheet functions; change those, not this file.

Public Const FOCAL_VERSION As String = "0.1.0"
Public Const XLWINGS_VERSION As String = "0.37.8"

Public Function CLV_RFM(transactions As Variant, Optional observation_end As Variant, Optional period As Variant) As Variant
Attribute CLV_RFM.VB_Description = "One row per customer: repeat purchases, recency, age and mean spend, from a log of transactions."
Attribute CLV_RFM.VB_ProcData.VB_Invoke_Func = " \n20"
    CLV_RFM = FocalCall("CLV_RFM", Array(transactions, observation_end, period), True)
End Function

Public Function CLV_CHECK(transactions As Variant, Optional observation_end As Variant) As Variant
Attribute CLV_CHECK.VB_Description = "Every row read, used or set aside by reason, with rows, amounts and the first row number; the totals tie."
Attribute CLV_CHECK.VB_ProcData.VB_Invoke_Func = " \n20"
    CLV_CHECK = FocalCall("CLV_CHECK", Array(transactions, observation_end), True)
End Function

Public Function CLV_FIT(customers As Variant, Optional model As Variant, Optional spend_model As Variant, Optional period As Variant, Optional observation_end As Variant) As Variant
Attribute CLV_FIT.VB_Description = "The model fitted to the customers, as a table of terms and values that the other functions take."
Attribute CLV_FIT.VB_ProcData.VB_Invoke_Func = " \n21"
    CLV_FIT = FocalCall("CLV_FIT", Array(customers, model, spend_model, period, observation_end), True)
End Function

Public Function CLV_COMPARE(customers As Variant) As Variant
Attribute CLV_COMPARE.VB_Description = "Every model fitted to the same customers: likelihood, AIC, BIC, and expected against actual repeat buyers."
Attribute CLV_COMPARE.VB_ProcData.VB_Invoke_Func = " \n21"
    CLV_COMPARE = FocalCall("CLV_COMPARE", Array(customers), True)
End Function

Public Function CLV_HOLDOUT(transactions As Variant, split As Variant, Optional model As Variant) As Variant
Attribute CLV_HOLDOUT.VB_Description = "How a model fitted on purchases up to the split forecast those after it, beside four rules of thumb."
Attribute CLV_HOLDOUT.VB_ProcData.VB_Invoke_Func = " \n21"
    CLV_HOLDOUT = FocalCall("CLV_HOLDOUT", Array(transactions, split, model), True)
End Function

Public Function CLV_TRACKING(transactions As Variant, Optional split As Variant, Optional model As Variant) As Variant
Attribute CLV_TRACKING.VB_Description = "Repeat purchases period by period, actual and expected, each period's own and cumulative."
Attribute CLV_TRACKING.VB_ProcData.VB_Invoke_Func = " \n21"
    CLV_TRACKING = FocalCall("CLV_TRACKING", Array(transactions, split, model), True)
End Function

Public Function CLV_P_ALIVE(customers As Variant, Optional model As Variant) As Variant
Attribute CLV_P_ALIVE.VB_Description = "Probability that each customer is still one at the observation end."
Attribute CLV_P_ALIVE.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_P_ALIVE = FocalCall("CLV_P_ALIVE", Array(customers, model), True)
End Function

Public Function CLV_P_NO_PURCHASE(customers As Variant, Optional model As Variant, Optional horizon As Variant) As Variant
Attribute CLV_P_NO_PURCHASE.VB_Description = "Probability that each customer does not buy at all within the horizon (years; 1 if left out)."
Attribute CLV_P_NO_PURCHASE.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_P_NO_PURCHASE = FocalCall("CLV_P_NO_PURCHASE", Array(customers, model, horizon), True)
End Function

Public Function CLV_PURCHASES(customers As Variant, Optional model As Variant, Optional horizon As Variant) As Variant
Attribute CLV_PURCHASES.VB_Description = "Purchases to be expected of each customer within the horizon (years; 1 if left out)."
Attribute CLV_PURCHASES.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_PURCHASES = FocalCall("CLV_PURCHASES", Array(customers, model, horizon), True)
End Function

Public Function CLV_SPEND(customers As Variant, Optional model As Variant) As Variant
Attribute CLV_SPEND.VB_Description = "Spend per purchase to be expected of each customer; everybody's mean where there is no repeat purchase."
Attribute CLV_SPEND.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_SPEND = FocalCall("CLV_SPEND", Array(customers, model), True)
End Function

Public Function CLV_DERT(customers As Variant, Optional model As Variant, Optional annual_discount_rate As Variant) As Variant
Attribute CLV_DERT.VB_Description = "Purchases to be expected of each customer over the whole remaining life, discounted to the observation end."
Attribute CLV_DERT.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_DERT = FocalCall("CLV_DERT", Array(customers, model, annual_discount_rate), True)
End Function

Public Function CLV_SCORE(customers As Variant, Optional model As Variant, Optional horizon As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant) As Variant
Attribute CLV_SCORE.VB_Description = "Value of each customer: margin x expected spend x discounted purchases, over the horizon or the remaining life."
Attribute CLV_SCORE.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_SCORE = FocalCall("CLV_SCORE", Array(customers, model, horizon, annual_discount_rate, margin), True)
End Function

Public Function CLV_INTERVAL(customers As Variant, Optional model As Variant, Optional horizon As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional layers As Variant) As Variant
Attribute CLV_INTERVAL.VB_Description = "Lower and upper bound of each customer's value, with the layers of uncertainty together or apart."
Attribute CLV_INTERVAL.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_INTERVAL = FocalCall("CLV_INTERVAL", Array(customers, model, horizon, annual_discount_rate, margin, level, layers), True)
End Function

Public Function CLV_NEW(Optional model As Variant, Optional horizon As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant) As Variant
Attribute CLV_NEW.VB_Description = "Value of a customer acquired today, before acquisition cost, with its interval and its ladder by horizon."
Attribute CLV_NEW.VB_ProcData.VB_Invoke_Func = " \n22"
    CLV_NEW = FocalCall("CLV_NEW", Array(model, horizon, annual_discount_rate, margin), True)
End Function

Public Function FOCAL_SEGMENT(values As Variant, Optional rule As Variant, Optional threshold As Variant, Optional cost_per_customer As Variant, Optional p_focal As Variant) As Variant
Attribute FOCAL_SEGMENT.VB_Description = "Segment of each customer: Focal by the rule, Borderline where chance decides, Core and Light for the rest."
Attribute FOCAL_SEGMENT.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_SEGMENT = FocalCall("FOCAL_SEGMENT", Array(values, rule, threshold, cost_per_customer, p_focal), False)
End Function

Public Function FOCAL_PROBABILITY(customers As Variant, Optional model As Variant, Optional rule As Variant, Optional threshold As Variant, Optional cost_per_customer As Variant, Optional horizon As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant) As Variant
Attribute FOCAL_PROBABILITY.VB_Description = "Probability, per customer, of truly belonging to the focal segment."
Attribute FOCAL_PROBABILITY.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_PROBABILITY = FocalCall("FOCAL_PROBABILITY", Array(customers, model, rule, threshold, cost_per_customer, horizon, annual_discount_rate, margin), True)
End Function

Public Function FOCAL_SUMMARY(segments As Variant, values As Variant, Optional p_alive As Variant, Optional expected_purchases As Variant, Optional expected_spend As Variant) As Variant
Attribute FOCAL_SUMMARY.VB_Description = "What each segment holds: customers, value, their shares, mean, median, spread, and the behaviour behind them."
Attribute FOCAL_SUMMARY.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_SUMMARY = FocalCall("FOCAL_SUMMARY", Array(segments, values, p_alive, expected_purchases, expected_spend), False)
End Function

Public Function FOCAL_PROFILE(attributes As Variant, segments As Variant, Optional values As Variant, Optional level As Variant) As Variant
Attribute FOCAL_PROFILE.VB_Description = "What makes focal customers different: each attribute among them and among all others, with lift and q-value."
Attribute FOCAL_PROFILE.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_PROFILE = FocalCall("FOCAL_PROFILE", Array(attributes, segments, values, level), True)
End Function

Public Function FOCAL_LOOKALIKE(attributes As Variant, segments As Variant, Optional first_purchase As Variant, Optional prospects As Variant, Optional report As Variant) As Variant
Attribute FOCAL_LOOKALIKE.VB_Description = "Likeness of prospects or customers to the focal ones, by attributes known when a customer is acquired."
Attribute FOCAL_LOOKALIKE.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_LOOKALIKE = FocalCall("FOCAL_LOOKALIKE", Array(attributes, segments, first_purchase, prospects, report), True)
End Function

Public Function FOCAL_MIGRATION(earlier As Variant, later As Variant, Optional level As Variant) As Variant
Attribute FOCAL_MIGRATION.VB_Description = "Moves of customers between segments from one date to a later one, New and Gone included, with intervals."
Attribute FOCAL_MIGRATION.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_MIGRATION = FocalCall("FOCAL_MIGRATION", Array(earlier, later, level), False)
End Function

Public Function FOCAL_STABILITY(earlier As Variant, later As Variant) As Variant
Attribute FOCAL_STABILITY.VB_Description = "How far the focal lists of two dates agree, how sure they are, and why customers left and joined them."
Attribute FOCAL_STABILITY.VB_ProcData.VB_Invoke_Func = " \n23"
    FOCAL_STABILITY = FocalCall("FOCAL_STABILITY", Array(earlier, later), False)
End Function

Public Function CLV_GINI(customers As Variant, Optional model As Variant, Optional horizon As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant) As Variant
Attribute CLV_GINI.VB_Description = "Concentration of value among customers, from 0 (all equal) to near 1: past, expected, latent, predictive."
Attribute CLV_GINI.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_GINI = FocalCall("CLV_GINI", Array(customers, model, horizon, annual_discount_rate, margin), True)
End Function

Public Function CLV_LORENZ(values As Variant) As Variant
Attribute CLV_LORENZ.VB_Description = "Lorenz curve to chart: the share of value held by the poorest share of customers, from 0 to 1 in steps of 5 %."
Attribute CLV_LORENZ.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_LORENZ = FocalCall("CLV_LORENZ", Array(values), False)
End Function

Public Function CLV_WHALE(values As Variant) As Variant
Attribute CLV_WHALE.VB_Description = "Whale curve to chart: the share of total profit held by the best customers, and where it peaks."
Attribute CLV_WHALE.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_WHALE = FocalCall("CLV_WHALE", Array(values), False)
End Function

Public Function CLV_DECILES(values As Variant) As Variant
Attribute CLV_DECILES.VB_Description = "Customers and value by decile of value, best first: value, share, cumulative share, mean, least and greatest."
Attribute CLV_DECILES.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_DECILES = FocalCall("CLV_DECILES", Array(values), False)
End Function

Public Function CLV_AVERAGE_CUSTOMER(values As Variant, Optional cac As Variant) As Variant
Attribute CLV_AVERAGE_CUSTOMER.VB_Description = "How few customers are near the average, and what it costs to pay for each as if they were."
Attribute CLV_AVERAGE_CUSTOMER.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_AVERAGE_CUSTOMER = FocalCall("CLV_AVERAGE_CUSTOMER", Array(values, cac), False)
End Function

Public Function CLV_READINESS(transactions As Variant, Optional model As Variant, Optional thresholds As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional cost_per_customer As Variant, Optional observation_end As Variant) As Variant
Attribute CLV_READINESS.VB_Description = "Is it worth it here to treat customers differently?  Six gates with figure, threshold and verdict; may say no."
Attribute CLV_READINESS.VB_ProcData.VB_Invoke_Func = " \n24"
    CLV_READINESS = FocalCall("CLV_READINESS", Array(transactions, model, thresholds, annual_discount_rate, margin, cost_per_customer, observation_end), True)
End Function

Public Function ACQ_VALUE(transactions As Variant, Optional by As Variant, Optional cac As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant, Optional horizon As Variant) As Variant
Attribute ACQ_VALUE.VB_Description = "Value of a customer at acquisition by channel or cohort, before CAC, with interval, against CAC."
Attribute ACQ_VALUE.VB_ProcData.VB_Invoke_Func = " \n25"
    ACQ_VALUE = FocalCall("ACQ_VALUE", Array(transactions, by, cac, model, annual_discount_rate, margin, level, observation_end, horizon), True)
End Function

Public Function ACQ_CEILING(transactions As Variant, Optional by As Variant, Optional cac As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant, Optional horizon As Variant) As Variant
Attribute ACQ_CEILING.VB_Description = "The most to pay for a customer, by channel or cohort: a lower bound of value before CAC."
Attribute ACQ_CEILING.VB_ProcData.VB_Invoke_Func = " \n25"
    ACQ_CEILING = FocalCall("ACQ_CEILING", Array(transactions, by, cac, model, annual_discount_rate, margin, level, observation_end, horizon), True)
End Function

Public Function ACQ_PAYBACK(transactions As Variant, Optional by As Variant, Optional cac As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant) As Variant
Attribute ACQ_PAYBACK.VB_Description = "Months until the margin of acquired customers covers their CAC, and the share paid back by month 3, 6, 12, 24."
Attribute ACQ_PAYBACK.VB_ProcData.VB_Invoke_Func = " \n25"
    ACQ_PAYBACK = FocalCall("ACQ_PAYBACK", Array(transactions, by, cac, model, annual_discount_rate, margin, level, observation_end), True)
End Function

Public Function PRODUCT_ENTRY(transactions As Variant, Optional product_margins As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant, Optional horizon As Variant) As Variant
Attribute PRODUCT_ENTRY.VB_Description = "Customers by the product they began with: margin today, value over life with interval, share focal, quadrant."
Attribute PRODUCT_ENTRY.VB_ProcData.VB_Invoke_Func = " \n26"
    PRODUCT_ENTRY = FocalCall("PRODUCT_ENTRY", Array(transactions, product_margins, model, annual_discount_rate, margin, level, observation_end, horizon), True)
End Function

Public Function PRODUCT_PATHS(transactions As Variant, Optional view As Variant, Optional split As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant) As Variant
Attribute PRODUCT_PATHS.VB_Description = "What is bought next, product by product; or what goes with adding a second product (association, not cause)."
Attribute PRODUCT_PATHS.VB_ProcData.VB_Invoke_Func = " \n26"
    PRODUCT_PATHS = FocalCall("PRODUCT_PATHS", Array(transactions, view, split, model, annual_discount_rate, margin, level, observation_end), True)
End Function

Public Function PRODUCT_MIX(transactions As Variant, Optional model As Variant, Optional rule As Variant, Optional threshold As Variant, Optional cost_per_customer As Variant, Optional margin As Variant, Optional level As Variant, Optional observation_end As Variant) As Variant
Attribute PRODUCT_MIX.VB_Description = "What focal customers buy differently from the rest: buyers, purchases, spend and basket shares, lift, q-value."
Attribute PRODUCT_MIX.VB_ProcData.VB_Invoke_Func = " \n26"
    PRODUCT_MIX = FocalCall("PRODUCT_MIX", Array(transactions, model, rule, threshold, cost_per_customer, margin, level, observation_end), True)
End Function

Public Function CLV_COVARIATES(customers As Variant, covariates As Variant, Optional model As Variant) As Variant
Attribute CLV_COVARIATES.VB_Description = "What attributes of customers do to how often they buy and how soon they drop out, with errors and tests."
Attribute CLV_COVARIATES.VB_ProcData.VB_Invoke_Func = " \n27"
    CLV_COVARIATES = FocalCall("CLV_COVARIATES", Array(customers, covariates, model), True)
End Function

Public Function FACTOR_TEST(transactions As Variant, factors As Variant, Optional split As Variant, Optional model As Variant, Optional observation_end As Variant) As Variant
Attribute FACTOR_TEST.VB_Description = "Does an extra factor (usage, referrals, engagement, adherence) improve the forecast?  It is kept only if it does."
Attribute FACTOR_TEST.VB_ProcData.VB_Invoke_Func = " \n27"
    FACTOR_TEST = FocalCall("FACTOR_TEST", Array(transactions, factors, split, model, observation_end), True)
End Function

Public Function ADHERENCE_PDC(fills As Variant, Optional window_start As Variant, Optional window_end As Variant, Optional adherence_threshold As Variant, Optional report As Variant, Optional level As Variant) As Variant
Attribute ADHERENCE_PDC.VB_Description = "Proportion of days covered, adherence and persistence of each patient from dispensed supplies, or a summary."
Attribute ADHERENCE_PDC.VB_ProcData.VB_Invoke_Func = " \n27"
    ADHERENCE_PDC = FocalCall("ADHERENCE_PDC", Array(fills, window_start, window_end, adherence_threshold, report, level), False)
End Function

Public Function RESPONSE_UPLIFT(outcome As Variant, treated As Variant, Optional segments As Variant, Optional randomised As Variant, Optional level As Variant) As Variant
Attribute RESPONSE_UPLIFT.VB_Description = "Response to a relationship effort: the treated against those not treated, for all and by segment, with intervals."
Attribute RESPONSE_UPLIFT.VB_ProcData.VB_Invoke_Func = " \n27"
    RESPONSE_UPLIFT = FocalCall("RESPONSE_UPLIFT", Array(outcome, treated, segments, randomised, level), False)
End Function

Public Function REFERRAL_VALUE(referrals As Variant, customer_values As Variant, Optional cac As Variant, Optional would_have_joined As Variant) As Variant
Attribute REFERRAL_VALUE.VB_Description = "Value a customer brings by referring others, beside the customer's own value: ranks and groups, never a sum."
Attribute REFERRAL_VALUE.VB_ProcData.VB_Invoke_Func = " \n27"
    REFERRAL_VALUE = FocalCall("REFERRAL_VALUE", Array(referrals, customer_values, cac, would_have_joined), False)
End Function

Public Function SCORECARD(transactions As Variant, Optional by As Variant, Optional cac As Variant, Optional model As Variant, Optional annual_discount_rate As Variant, Optional margin As Variant, Optional observation_end As Variant, Optional horizon As Variant) As Variant
Attribute SCORECARD.VB_Description = "Channels or teams ranked by the value of the customers they brought, against the number they brought."
Attribute SCORECARD.VB_ProcData.VB_Invoke_Func = " \n28"
    SCORECARD = FocalCall("SCORECARD", Array(transactions, by, cac, model, annual_discount_rate, margin, observation_end, horizon), True)
End Function
