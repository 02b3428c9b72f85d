"""车位共享: find and book, my bookings, my spaces, the property desk."""
