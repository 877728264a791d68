"""The smallest shop: two products, two routes."""

from flask import Flask, request

app = Flask(__name__)

PRODUCTS = {"cup": 1290, "pot": 4900}


@app.get("/products")
def products() -> dict[str, int]:
    """List the products with their prices in cents."""
    return PRODUCTS


@app.post("/orders")
def order() -> tuple[dict[str, str], int]:
    """Confirm an order for the product the form names."""
    return {"ordered": request.form["product"]}, 201
