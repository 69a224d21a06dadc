"""The English words of the report: loyalty."""

from __future__ import annotations

__all__ = ["TEXTS"]

TEXTS: dict[str, str] = {
    "loyalty.title": "Who buys again",
    "without.loyalty": "no transactions.",
    "loyalty.sentence": "Of {customers} customers seen up to {until}, {again} bought again on another day.",
    "loyalty.segments": "Kinds of customers",
    "loyalty.segments-money": "{segment} are {share} of the customers and brought {money} of the money, more than any other segment.",
    "loyalty.segments-share": "{segment} are the largest segment, {share} of the customers; the transactions have no amounts.",
    "loyalty.segment": "Segment",
    "loyalty.customers": "Customers",
    "loyalty.share": "Share",
    "loyalty.money": "Money",
    "loyalty.money-share": "Share of money",
    "loyalty.purchases": "Purchases each",
    "loyalty.number": "{value}",
    "loyalty.none": "–",
    "loyalty.bills": "{rows} bills were left out: nobody decides anew to be billed.",
    "loyalty.rfm-note": (
        "Segments by how recently and how often a customer bought (RFM). They rank these customers against each other, so they have no "
        "interval."
    ),
    "loyalty.again": "After the first purchase",
    "loyalty.again-sentence": (
        "{rate} bought again within {days} days of their first purchase ({level} interval {interval}; n {n}, those who could be followed "
        "for so long)."
    ),
    "loyalty.cohort": "First purchase in",
    "loyalty.months": "Months since",
    "loyalty.cohorts": "Share of each month's new customers who bought in the months after",
    "loyalty.cohorts-note": "Empty cells lie after the end of the log; the last month may not be complete.",
    "loyalty.model": "What is to be expected",
    "loyalty.model-sentence": (
        "By their silence so far, {alive} customers ({share}) are expected to be customers still, and all of them together to buy "
        "{purchases} times in the next 52 weeks."
    ),
    "loyalty.expected": "Expected of the customers of today",
    "loyalty.quantity": "Quantity",
    "loyalty.alive": "Customers still there",
    "loyalty.next-year": "Purchases in the next 52 weeks",
    "loyalty.model-note": (
        "MBG/NBD model: customers buy at rates of their own and may leave unseen after any purchase. The interval is that of the "
        "expectation."
    ),
    "loyalty.status": "The model stands at a limit of what it can say: {detail}.",
    "method.maximum-likelihood": "maximum likelihood, delta-method interval",
    "method.rfm": "scores in bins of equal size that never part equal customers",
    "rfm.champions": "Champions",
    "rfm.loyal customers": "Loyal customers",
    "rfm.cannot lose them": "Not to be lost",
    "rfm.at risk": "At risk",
    "rfm.potential loyalists": "Potential loyalists",
    "rfm.new customers": "New customers",
    "rfm.promising": "Promising",
    "rfm.need attention": "In need of attention",
    "rfm.about to sleep": "About to sleep",
    "rfm.hibernating": "Hibernating",
}
