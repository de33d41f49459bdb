"""Where customers live: country, city, address."""

from django.db import models
from django.db.models import Q


class Country(models.Model):
    """A country, by its ISO 3166 code."""

    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "countries"

    def __str__(self) -> str:
        return self.name


class City(models.Model):
    """A real city (source: geonames)."""

    geonames_id = models.PositiveIntegerField(unique=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="cities")
    name = models.CharField(max_length=200)
    latitude = models.FloatField()
    longitude = models.FloatField()
    population = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "cities"
        constraints = [
            models.CheckConstraint(
                name="city_latitude_on_earth", condition=Q(latitude__gte=-90, latitude__lte=90)
            ),
            models.CheckConstraint(
                name="city_longitude_on_earth", condition=Q(longitude__gte=-180, longitude__lte=180)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """A street in a city."""

    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="addresses")
    street = models.CharField(max_length=200)
    postal_code = models.CharField(max_length=20, blank=True)
    is_synthetic = models.BooleanField(default=False, help_text="Made up, for want of a source")

    class Meta:
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return self.street
