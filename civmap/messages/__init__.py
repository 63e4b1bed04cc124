"""Messages that leave the product: an outbox that loses none, and the adapters that carry them."""
