"""Words of what is bought."""

from typing import Final

from pyfuncs.vocabulary.term import Term

PRODUCTS: Final = (
    Term(
        "product_margins",
        "",
        "",
        "Two columns, product and margin: the contribution per unit of spend of single products, below 0 for one sold "
        "at a loss. Products not listed have the one margin.",
    ),
    Term(
        "view",
        "",
        "",
        "What to show: matrix (what is bought next), second product (customers who added one against customers alike "
        "who did not) or each product (the same by the product added); matrix if left out.",
    ),
    Term(
        "margin_today",
        "",
        "money",
        "Mean margin of the first purchase day; below 0 where a product is sold at a loss to win customers.",
    ),
    Term(
        "value_over_life",
        "",
        "money",
        "Mean value of a customer on the day of acquisition, first purchase included, before acquisition cost; drawn "
        "to the mean of all where customers are few.",
    ),
    Term("share_focal", "", "fraction", "Share of these customers who are focal."),
    Term(
        "quadrant",
        "",
        "",
        "Against the average. feeder: less margin today, more value over life. star: more of both. cash: more today, "
        "less over life. drain: less of both. perhaps: the interval of the value holds the average.",
    ),
    Term("no_further_purchase", "", "fraction", "Share of purchases after which the customer bought no more so far."),
    Term("added", "", "", "Customers who had added a product by the split."),
    Term("alike", "", "", "Customers alike in purchases, their timing and the first product, who had added none."),
    Term("unmatched_difference", "", "as the value", "Difference before customers alike were chosen; it misleads."),
    Term(
        "standardised_before",
        "",
        "standard deviations",
        "Difference of the groups in a trait before matching, in standard deviations of the trait.",
    ),
    Term(
        "standardised_after",
        "",
        "standard deviations",
        "The same after matching; within 0.1 the groups count as alike.",
    ),
    Term("matched", "", "count", "Customers who had added the product and have somebody alike who had added none."),
    Term("bought_focal", "", "fraction", "Share of focal customers who bought the product."),
    Term("bought_rest", "", "fraction", "Share of the other customers who bought the product."),
    Term("purchases_focal", "", "count", "Purchases of the product per focal customer."),
    Term("purchases_rest", "", "count", "Purchases of the product per other customer."),
    Term("spend_focal", "", "fraction", "Share of all spend of focal customers that went to the product."),
    Term("spend_rest", "", "fraction", "Share of all spend of the other customers that went to the product."),
    Term("basket_focal", "", "fraction", "The product's share of a focal customer's own basket, on average."),
    Term("basket_rest", "", "fraction", "The product's share of another customer's own basket, on average."),
)
